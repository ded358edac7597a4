// What a subscription gives.

import type { Price, Product, ProductWithPrices, Subscription } from './wire.ts';

/** The ids of the subscribed products. */
export function subscribedProducts(subscription: Subscription | null): string[] {
  return subscription?.items.data.map(({ price }) => productOf(price)) ?? [];
}

/** The features of the subscribed products. A product that is no longer offered has none. */
export function subscribedFeatures(
  products: readonly ProductWithPrices[],
  subscription: Subscription | null,
): string[] {
  const subscribed = subscribedProducts(subscription);
  return products
    .filter(({ product }) => subscribed.includes(product.id))
    .flatMap(({ product }) => featuresOf(product));
}

/** The features that a product's metadata lists. */
export function featuresOf(product: Product): string[] {
  const listed = product.metadata?.['features']?.split(',') ?? [];
  return listed.map((feature) => feature.trim()).filter(Boolean);
}

export function productOf(price: Price): string {
  return typeof price.product === 'string' ? price.product : price.product.id;
}
