'use client';

import type { ReactNode } from 'react';
import { subscribedFeatures, subscribedProducts } from './entitlements.ts';
import { useSubscription } from './useSubscription.ts';

type Condition =
  | { product: string | { id: string }; feature?: undefined; unsubscribed?: undefined }
  | { feature: string; product?: undefined; unsubscribed?: undefined }
  | { unsubscribed: true; product?: undefined; feature?: undefined };

/**
 * Exactly one condition: `product` (a product or its id), `feature`, or `unsubscribed`. `negate` shows the children
 * in the opposite case.
 */
export type GateProps = Condition & { negate?: boolean | undefined; children?: ReactNode };

/**
 * Shows its children by the customer's subscription, and nothing before that is known.
 *
 * A gate decides what is shown, not what is allowed: the server checks by itself.
 *
 * @throws Error unless there is exactly one condition
 */
export function Gate({ product, feature, unsubscribed, negate = false, children }: GateProps): ReactNode {
  const conditions = [product, feature, unsubscribed].filter(Boolean).length;
  const { isLoaded, products, subscription } = useSubscription();
  if (conditions !== 1) {
    throw new Error(`<Gate> needs exactly one of product, feature and unsubscribed; it has ${conditions}.`);
  }
  if (!isLoaded) return null;
  return holds() === negate ? null : children;

  function holds(): boolean {
    if (product)
      return subscribedProducts(subscription ?? null).includes(
        typeof product === 'string' ? product : product.id,
      );
    if (feature) return subscribedFeatures(products ?? [], subscription ?? null).includes(feature);
    return subscription === null;
  }
}
