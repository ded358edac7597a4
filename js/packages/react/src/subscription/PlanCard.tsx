'use client';

import { type ReactNode, useId } from 'react';
import { PrimaryButton, SecondaryButton } from '../elements/layout.ts';
import * as parts from '../elements/pricing.ts';
import { useTexts } from '../texts/TextsProvider.tsx';
import { featuresOf } from './entitlements.ts';
import { formatPrice } from './money.ts';
import { noteOf, type Plan } from './plans.ts';
import type { Leaving } from './useLeaving.ts';
import type { Price, Product, Subscription } from './wire.ts';

interface PlanCardProps {
  plan: Plan;
  subscription: Subscription | null;
  leaving: Leaving;
}

/** One plan of a pricing table. */
export function PlanCard({ plan, subscription, leaving }: PlanCardProps): ReactNode {
  const { texts } = useTexts();
  const name = useId();
  const { product, price, isCurrent } = plan;
  return (
    <parts.PricingPlan state={{ current: isCurrent }}>
      <parts.PlanHeader>
        <parts.PlanName id={name}>{product.name}</parts.PlanName>
        {isCurrent && <parts.PlanBadge>{texts.pricing.current}</parts.PlanBadge>}
      </parts.PlanHeader>
      {product.description && <parts.PlanDescription>{product.description}</parts.PlanDescription>}
      <Cost price={price} />
      {isCurrent && subscription && <SubscriptionNote subscription={subscription} />}
      <Features product={product} />
      <parts.PlanAction>
        <Action plan={plan} isSubscribed={subscription !== null} leaving={leaving} name={name} />
      </parts.PlanAction>
    </parts.PricingPlan>
  );
}

function Cost({ price }: { price: Price }): ReactNode {
  const { texts, locale, format } = useTexts();
  const amount = formatPrice(price, locale);
  if (amount === undefined) return <parts.PlanPrice>{texts.pricing.priceAtCheckout}</parts.PlanPrice>;
  const { interval, interval_count: count = 1 } = price.recurring ?? {};
  return (
    <parts.PlanPrice>
      <parts.PlanAmount>{amount}</parts.PlanAmount>{' '}
      {interval && <parts.PlanInterval>{format(texts.pricing.per[interval], { count })}</parts.PlanInterval>}
    </parts.PlanPrice>
  );
}

function SubscriptionNote({ subscription }: { subscription: Subscription }): ReactNode {
  const { texts, locale, format } = useTexts();
  const note = noteOf(subscription);
  if (!note) return null;
  const date = note.date ? new Intl.DateTimeFormat(locale, { dateStyle: 'long' }).format(note.date) : '';
  return <parts.PlanNote>{format(texts.pricing[note.kind], { date })}</parts.PlanNote>;
}

function Features({ product }: { product: Product }): ReactNode {
  const named = product.marketing_features?.flatMap(({ name }) => (name ? [name] : [])) ?? [];
  const features = named.length > 0 ? named : featuresOf(product);
  if (features.length === 0) return null;
  return (
    <parts.PlanFeatures>
      {features.map((feature) => (
        <parts.PlanFeature key={feature}>{feature}</parts.PlanFeature>
      ))}
    </parts.PlanFeatures>
  );
}

interface ActionProps {
  plan: Plan;
  isSubscribed: boolean;
  leaving: Leaving;
  name: string;
}

function Action({
  plan: { product, price, isCurrent },
  isSubscribed,
  leaving,
  name,
}: ActionProps): ReactNode {
  const { texts } = useTexts();
  const id = useId();
  const isLeaving = leaving.to === product.id;
  const Button = isSubscribed ? SecondaryButton : PrimaryButton;
  const text = isCurrent
    ? texts.pricing.manage
    : isSubscribed
      ? texts.pricing.change
      : texts.pricing.subscribe;
  return (
    <Button
      id={id}
      type="button"
      // "Subscribe Pro": the name of the plan follows the visible words.
      aria-labelledby={`${id} ${name}`}
      aria-disabled={leaving.to !== undefined}
      aria-busy={isLeaving}
      state={{ loading: isLeaving }}
      onClick={() => leaving.leave(product.id, isSubscribed ? undefined : price.id)}
    >
      {text}
    </Button>
  );
}
