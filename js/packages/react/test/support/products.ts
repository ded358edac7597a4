// Products and subscriptions for tests and for states, in Stripe's form.

import type { Price, ProductWithPrices, Subscription } from '../../src/subscription/index.ts';

export function price(id: string, product: string, amount: number | null, interval: 'month' | 'year'): Price {
  return {
    id,
    product,
    currency: 'usd',
    unit_amount: amount,
    active: true,
    recurring: { interval, interval_count: 1 },
  };
}

export const STARTER: ProductWithPrices = {
  product: {
    id: 'prod_starter',
    name: 'Starter',
    description: 'For one person.',
    metadata: { features: 'readFoo' },
  },
  prices: [
    price('price_starter_month', 'prod_starter', 900, 'month'),
    price('price_starter_year', 'prod_starter', 9000, 'year'),
  ],
};

export const PRO: ProductWithPrices = {
  product: {
    id: 'prod_pro',
    name: 'Pro',
    description: 'For teams.',
    metadata: { features: 'readFoo, writeFoo' },
  },
  prices: [
    price('price_pro_month', 'prod_pro', 2900, 'month'),
    price('price_pro_year', 'prod_pro', 29_050, 'year'),
  ],
};

export const PRODUCTS = [STARTER, PRO];

export function subscriptionTo({ product, prices }: ProductWithPrices, of = 0): Subscription {
  const paid = prices[of];
  if (!paid) throw new Error(`${product.name} has no such price`);
  return { id: 'sub_1', status: 'active', items: { data: [{ price: paid }] } };
}

export const UNSUBSCRIBED = { products: PRODUCTS, subscription: null };
