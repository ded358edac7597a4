// A stand-in for the subscription endpoint. It is a function in place of `fetch`; no server and no payment provider
// is behind it. What they answer is compared in the tests of the Python handler and in tests/browser.

import type { ReactNode } from 'react';
import { vi } from 'vitest';
import { render } from 'vitest-browser-react';
import type { Price, ProductWithPrices, Subscription } from '../../src/subscription/index.ts';
import { SubscriptionProvider, type SubscriptionProviderProps } from '../../src/subscription/index.ts';

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

type Answer =
  | Response
  | Error
  | 'never'
  | {
      products?: unknown;
      subscription?: unknown;
      url?: unknown;
      error?: unknown;
      id?: unknown;
      stale?: boolean;
    };

/** Answers requests by their action: the answers of an action in order, the last one ever after. */
export function endpointWith(answers: Record<string, Answer | Answer[]>) {
  const left = new Map(Object.entries(answers).map(([action, some]) => [action, [some].flat()]));
  return vi.fn(async (address: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const action = new URL(String(address), location.href).searchParams.get('action') ?? '';
    const some = left.get(action) ?? [];
    const answer = some.length > 1 ? some.shift() : some[0];
    if (answer === undefined) throw new Error(`the stand-in has no answer to ${action}`);
    if (answer === 'never')
      return new Promise<Response>((_, reject) => init?.signal?.addEventListener('abort', reject));
    if (answer instanceof Error) throw answer;
    return answer instanceof Response ? answer.clone() : Response.json(answer);
  });
}

export const UNSUBSCRIBED = { products: PRODUCTS, subscription: null };

export interface Shown {
  answers?: Record<string, Answer | Answer[]>;
  props?: Partial<SubscriptionProviderProps<string, string>>;
}

/** Renders below a provider that asks the stand-in and notes where it would go. */
export async function shownWith(children: ReactNode, { answers = {}, props = {} }: Shown = {}) {
  const fetch = endpointWith({ useSubscription: UNSUBSCRIBED, ...answers });
  const navigate = vi.fn<(url: string) => void>();
  const screen = await render(
    <SubscriptionProvider fetch={fetch} navigate={navigate} {...(props as object)}>
      {children}
    </SubscriptionProvider>,
  );
  return { screen, fetch, navigate };
}
