'use client';
// The place of the subscription in an application. It needs no other provider and no certain authentication.

import { createContext, type ReactNode, useContext, useMemo } from 'react';
import { type NotSecret, refuseSecretKeys } from '../secretKeys.ts';
import { TextsProvider } from '../texts/TextsProvider.tsx';
import type { SomeTexts } from '../texts/texts.ts';
import { ThemeProvider } from '../theme/ThemeProvider.tsx';
import type { Theme } from '../theme/theme.ts';
import { SubscriptionStore } from './store.ts';
import { SubscriptionEndpoint } from './wire.ts';

export interface SubscriptionContextValue {
  store: SubscriptionStore;
  endpoint: SubscriptionEndpoint;
  navigate: (url: string) => void;
}

const CurrentSubscription = createContext<SubscriptionContextValue | null>(null);

export interface SubscriptionProviderProps<Endpoint extends string, Key extends string> {
  /** Where the subscription handler is mounted. `/api/subscription` unless said otherwise. */
  endpoint?: (Endpoint & NotSecret<Endpoint>) | undefined;
  /** Not needed: pages of the payment provider are opened by their addresses. Code that passes one keeps working. */
  stripePublishableKey?: (Key & NotSecret<Key>) | undefined;
  /** Sends the requests, for applications that authenticate by a header. It has to stay the same function. */
  fetch?: typeof fetch | undefined;
  /** Opens a page of the payment provider, if it shall not take the place of this one. */
  navigate?: ((url: string) => void) | undefined;
  theme?: Theme | undefined;
  texts?: SomeTexts | undefined;
  locale?: string | undefined;
  children?: ReactNode;
}

/**
 * Provides `useSubscription()` and the components that use it. Nothing is requested before one of them is rendered.
 *
 * Give it `key={userId}` where users change without a new page, so that nothing of the former one remains.
 *
 * @throws SecretKeyError if a property holds a secret key
 */
export function SubscriptionProvider<Endpoint extends string, Key extends string>({
  endpoint,
  fetch: send,
  navigate = leaveFor,
  theme,
  texts,
  locale,
  children,
  ...others
}: SubscriptionProviderProps<Endpoint, Key>): ReactNode {
  refuseSecretKeys({ endpoint, ...others });
  const address: string = endpoint ?? '/api/subscription';
  const value = useMemo(() => {
    const requests = new SubscriptionEndpoint(address, send ?? ((...request) => fetch(...request)));
    return { endpoint: requests, store: new SubscriptionStore(requests), navigate };
  }, [address, send, navigate]);
  return (
    <CurrentSubscription.Provider value={value}>
      <ThemeProvider theme={theme}>
        <TextsProvider texts={texts} locale={locale}>
          {children}
        </TextsProvider>
      </ThemeProvider>
    </CurrentSubscription.Provider>
  );
}

export function useSubscriptionContext(): SubscriptionContextValue {
  const value = useContext(CurrentSubscription);
  if (!value)
    throw new Error(
      'useSubscription(), <Gate> and <PricingTable> need a <SubscriptionProvider> around them.',
    );
  return value;
}

function leaveFor(url: string): void {
  window.location.assign(url);
}
