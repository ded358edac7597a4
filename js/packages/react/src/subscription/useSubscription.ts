'use client';

import { useCallback, useSyncExternalStore } from 'react';
import { refuseSecretKeys } from '../secretKeys.ts';
import { useSubscriptionContext } from './SubscriptionProvider.tsx';
import type { ProductWithPrices, Subscription, SubscriptionError } from './wire.ts';

export interface CheckoutOptions {
  /** Id of one of the prices in `products`. */
  price: string;
  /** Where a paid checkout returns to: this page unless said otherwise. */
  successUrl?: string | undefined;
  /** Where an abandoned checkout returns to: this page unless said otherwise. */
  cancelUrl?: string | undefined;
}

export interface PortalOptions {
  /** Where the portal returns to: this page unless said otherwise. */
  returnUrl?: string | undefined;
}

interface Actions {
  /** The failure of the latest read. What was read before it stays. */
  error: SubscriptionError | undefined;
  /** Read again. Every reader on the page gets the answer. */
  refresh: () => Promise<void>;
  /** Take the customer to the checkout of a new subscription. Rejects with a SubscriptionError. */
  redirectToCheckout: (options: CheckoutOptions) => Promise<void>;
  /** Take the customer to the page where the subscription is changed or cancelled. Rejects with a SubscriptionError. */
  redirectToCustomerPortal: (options?: PortalOptions) => Promise<void>;
}

interface Loaded {
  isLoaded: true;
  /** What can be subscribed to, in the order of the portal's configuration. */
  products: ProductWithPrices[];
  /** The customer's subscription, or null. */
  subscription: Subscription | null;
  /** The payment provider could not be asked; this is the last answer that the server knows. */
  isStale: boolean;
}

interface NotLoaded {
  isLoaded: false;
  products: undefined;
  subscription: undefined;
  isStale: false;
}

export type UseSubscription = Actions & (Loaded | NotLoaded);

const NOT_LOADED: NotLoaded = {
  isLoaded: false,
  products: undefined,
  subscription: undefined,
  isStale: false,
};
const ON_SERVER = { data: undefined, error: undefined };

/** The products, the customer's subscription, and the ways to the pages where it is bought and changed. */
export function useSubscription(): UseSubscription {
  const { store, endpoint, navigate } = useSubscriptionContext();
  const { data, error } = useSyncExternalStore(store.subscribe, store.state, () => ON_SERVER);

  const redirectToCheckout = useCallback(
    async ({ price, successUrl = here(), cancelUrl = here() }: CheckoutOptions) => {
      const body = { price, successUrl, cancelUrl };
      refuseSecretKeys(body);
      navigate(await endpoint.pageFor('redirectToCheckout', body));
    },
    [endpoint, navigate],
  );
  const redirectToCustomerPortal = useCallback(
    async ({ returnUrl = here() }: PortalOptions = {}) => {
      refuseSecretKeys({ returnUrl });
      navigate(await endpoint.pageFor('redirectToCustomerPortal', { returnUrl }));
    },
    [endpoint, navigate],
  );

  const actions = { error, refresh: store.refresh, redirectToCheckout, redirectToCustomerPortal };
  return data ? { ...actions, isLoaded: true, ...data } : { ...actions, ...NOT_LOADED };
}

function here(): string {
  return window.location.href;
}
