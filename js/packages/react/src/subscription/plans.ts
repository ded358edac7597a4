// What a pricing table shows of the products.

import { subscribedProducts } from './entitlements.ts';
import type { Interval, Price, Product, ProductWithPrices, Subscription } from './wire.ts';

const INTERVALS: readonly Interval[] = ['day', 'week', 'month', 'year'];

export interface Plan {
  product: Product;
  /** The price for the chosen interval, or else the first one. */
  price: Price;
  isCurrent: boolean;
}

/** The intervals that prices have, from the shortest to the longest. */
export function intervalsOf(products: readonly ProductWithPrices[]): Interval[] {
  const found = products.flatMap(({ prices }) => usable(prices).map((price) => price.recurring?.interval));
  return INTERVALS.filter((interval) => found.includes(interval));
}

/** The interval that is paid now, if the subscription has one. */
export function subscribedInterval(subscription: Subscription | null): Interval | undefined {
  return subscription?.items.data[0]?.price.recurring?.interval;
}

/** One plan per product that has a price. */
export function plansFor(
  products: readonly ProductWithPrices[],
  subscription: Subscription | null,
  interval: Interval | undefined,
): Plan[] {
  const subscribed = subscribedProducts(subscription);
  return products.flatMap(({ product, prices }) => {
    const offered = usable(prices);
    const price = offered.find(({ recurring }) => recurring?.interval === interval) ?? offered[0];
    return price ? [{ product, price, isCurrent: subscribed.includes(product.id) }] : [];
  });
}

function usable(prices: readonly (Price | null)[]): Price[] {
  return prices.filter((price) => price !== null && price.active !== false) as Price[];
}

export interface Note {
  kind: 'overdue' | 'endsOn' | 'trialUntil';
  date: Date | undefined;
}

/** What the customer should know of their subscription, if there is anything. */
export function noteOf({ status, items, ...dates }: Subscription): Note | undefined {
  const periodEnd = dates.current_period_end ?? items.data[0]?.current_period_end;
  const end = dates.cancel_at ?? (dates.cancel_at_period_end ? periodEnd : undefined);
  if (status === 'past_due' || status === 'unpaid') return { kind: 'overdue', date: undefined };
  if (end) return { kind: 'endsOn', date: new Date(end * 1000) };
  if (status === 'trialing' && dates.trial_end)
    return { kind: 'trialUntil', date: new Date(dates.trial_end * 1000) };
  return undefined;
}
