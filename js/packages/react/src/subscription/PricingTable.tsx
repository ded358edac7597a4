'use client';

import { type ReactNode, useState } from 'react';
import { Root } from '../components/Root.tsx';
import { Alert, AlertText, SecondaryButton, Skeleton, StatusText } from '../elements/layout.ts';
import * as parts from '../elements/pricing.ts';
import { TextsProvider, useTexts } from '../texts/TextsProvider.tsx';
import type { SomeTexts } from '../texts/texts.ts';
import type { Theme } from '../theme/theme.ts';
import { PlanCard } from './PlanCard.tsx';
import { intervalsOf, plansFor, subscribedInterval } from './plans.ts';
import { type Leaving, useLeaving } from './useLeaving.ts';
import { useSubscription } from './useSubscription.ts';
import type { Interval, ProductWithPrices, Subscription } from './wire.ts';

export interface PricingTableProps {
  /** The billing period that is chosen at first: that of the subscription, else months, unless said otherwise. */
  defaultInterval?: Interval | undefined;
  /** Where a paid checkout returns to: this page unless said otherwise. */
  successUrl?: string | undefined;
  /** Where an abandoned checkout returns to: this page unless said otherwise. */
  cancelUrl?: string | undefined;
  /** Where the portal returns to: this page unless said otherwise. */
  returnUrl?: string | undefined;
  theme?: Theme | undefined;
  texts?: SomeTexts | undefined;
  locale?: string | undefined;
}

/** The plans that can be subscribed to, with the customer's own, and the ways to buy and to change. */
export function PricingTable({ theme, texts, locale, ...options }: PricingTableProps): ReactNode {
  return (
    <TextsProvider texts={texts} locale={locale}>
      <Root theme={theme}>
        <Table {...options} />
      </Root>
    </TextsProvider>
  );
}

function Table(options: PricingTableProps): ReactNode {
  const { isLoaded, products, subscription, error } = useSubscription();
  const { texts } = useTexts();
  return (
    <parts.PricingTable aria-label={texts.pricing.label} aria-busy={!isLoaded && !error}>
      {isLoaded ? (
        <Plans {...options} products={products} subscription={subscription} />
      ) : error ? (
        <Unavailable isSignedOut={error.status === 401} />
      ) : (
        <Loading />
      )}
    </parts.PricingTable>
  );
}

function Loading(): ReactNode {
  const { texts } = useTexts();
  return (
    <>
      <StatusText role="status">{texts.pricing.loading}</StatusText>
      <parts.PricingPlans aria-hidden="true">
        {['first', 'second'].map((place) => (
          <parts.PricingPlan key={place} state={{ loading: true }}>
            <Skeleton />
            <Skeleton />
            <Skeleton />
          </parts.PricingPlan>
        ))}
      </parts.PricingPlans>
    </>
  );
}

function Unavailable({ isSignedOut }: { isSignedOut: boolean }): ReactNode {
  const { texts } = useTexts();
  const { refresh } = useSubscription();
  if (isSignedOut) return <parts.PricingEmpty>{texts.pricing.signedOut}</parts.PricingEmpty>;
  return (
    <Alert role="alert">
      <AlertText>{texts.pricing.unavailable}</AlertText>
      <SecondaryButton type="button" onClick={refresh}>
        {texts.pricing.retry}
      </SecondaryButton>
    </Alert>
  );
}

interface PlansProps extends PricingTableProps {
  products: ProductWithPrices[];
  subscription: Subscription | null;
}

function Plans({ products, subscription, defaultInterval, ...urls }: PlansProps): ReactNode {
  const { texts } = useTexts();
  const [chosen, choose] = useState(defaultInterval);
  const leaving = useLeaving(urls);
  const intervals = intervalsOf(products);
  const wanted = [chosen, subscribedInterval(subscription), 'month' as const, intervals[0]];
  const interval = wanted.find((one) => one && intervals.includes(one));
  const plans = plansFor(products, subscription, interval);
  if (plans.length === 0) return <parts.PricingEmpty>{texts.pricing.empty}</parts.PricingEmpty>;
  return (
    <>
      {intervals.length > 1 && <Intervals intervals={intervals} chosen={interval} choose={choose} />}
      <Failure leaving={leaving} />
      <parts.PricingPlans>
        {plans.map((plan) => (
          <PlanCard key={plan.product.id} plan={plan} subscription={subscription} leaving={leaving} />
        ))}
      </parts.PricingPlans>
      <StatusText role="status">{leaving.to && texts.pricing.leaving}</StatusText>
    </>
  );
}

function Failure({ leaving }: { leaving: Leaving }): ReactNode {
  const { texts } = useTexts();
  if (!leaving.failure) return null;
  return (
    <Alert role="alert">
      <AlertText>{texts.pricing[leaving.failure]}</AlertText>
      {leaving.failure === 'refused' && (
        <SecondaryButton type="button" onClick={() => leaving.leave('portal', undefined)}>
          {texts.pricing.manage}
        </SecondaryButton>
      )}
    </Alert>
  );
}

interface IntervalsProps {
  intervals: Interval[];
  chosen: Interval | undefined;
  choose: (interval: Interval) => void;
}

function Intervals({ intervals, chosen, choose }: IntervalsProps): ReactNode {
  const { texts } = useTexts();
  return (
    <parts.PricingIntervals role="group" aria-label={texts.pricing.intervals}>
      {intervals.map((interval) => (
        <parts.PricingInterval
          key={interval}
          type="button"
          aria-pressed={interval === chosen}
          state={{ selected: interval === chosen }}
          variant={interval}
          onClick={() => choose(interval)}
        >
          {texts.pricing.intervalNames[interval]}
        </parts.PricingInterval>
      ))}
    </parts.PricingIntervals>
  );
}
