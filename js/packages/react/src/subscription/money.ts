// Prices in words of a locale.

import type { Price } from './wire.ts';

// How Stripe counts (docs.stripe.com/currencies), which differs from ISO 4217 here and there.
const WITHOUT_DECIMALS = new Set(
  'bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf'.split(' '),
);
const THREE_DECIMALS = new Set('bhd jod kwd omr tnd'.split(' '));

/** What a price costs, such as `$10` or `10,50 €`; undefined if that depends on more than the price. */
export function formatPrice(price: Price, locale: string): string | undefined {
  const amount = price.unit_amount ?? Number(price.unit_amount_decimal ?? Number.NaN);
  if (Number.isNaN(amount)) return undefined;
  const currency = price.currency.toLowerCase();
  const decimals = WITHOUT_DECIMALS.has(currency) ? 0 : THREE_DECIMALS.has(currency) ? 3 : 2;
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: decimals,
    maximumFractionDigits: Math.max(decimals, price.unit_amount === null ? 6 : decimals),
    trailingZeroDisplay: 'stripIfInteger',
  });
  return format.format(amount / 10 ** decimals);
}
