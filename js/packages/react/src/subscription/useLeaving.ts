'use client';
// The way from a pricing table to the payment provider.

import { useCallback, useEffect, useState } from 'react';
import { useSubscription } from './useSubscription.ts';
import { SubscriptionError } from './wire.ts';

interface Urls {
  successUrl?: string | undefined;
  cancelUrl?: string | undefined;
  returnUrl?: string | undefined;
}

export interface Leaving {
  /** The id of the product whose button was pressed, until the page is left. */
  to: string | undefined;
  /** Why the page could not be left: `refused` by the server, or `failed` for any other reason. */
  failure: 'refused' | 'failed' | undefined;
  /** To the checkout of a price, or without one to the portal. Pressed again, it does nothing. */
  leave: (product: string, price: string | undefined) => void;
}

export function useLeaving({ successUrl, cancelUrl, returnUrl }: Urls): Leaving {
  const { redirectToCheckout, redirectToCustomerPortal } = useSubscription();
  const [to, setTo] = useState<string>();
  const [failure, setFailure] = useState<Leaving['failure']>();

  const leave = useCallback(
    (product: string, price: string | undefined) => {
      setTo(product);
      setFailure(undefined);
      const left = price
        ? redirectToCheckout({ price, successUrl, cancelUrl })
        : redirectToCustomerPortal({ returnUrl });
      left.catch((error: unknown) => {
        setTo(undefined);
        setFailure(error instanceof SubscriptionError && error.status === 403 ? 'refused' : 'failed');
      });
    },
    [redirectToCheckout, redirectToCustomerPortal, successUrl, cancelUrl, returnUrl],
  );

  // A browser may show the page again as it was left.
  useEffect(() => {
    const back = (event: PageTransitionEvent) => event.persisted && setTo(undefined);
    window.addEventListener('pageshow', back);
    return () => window.removeEventListener('pageshow', back);
  }, []);

  return { to, failure, leave: to === undefined ? leave : ignore };
}

function ignore(): void {
  // The page is being left.
}
