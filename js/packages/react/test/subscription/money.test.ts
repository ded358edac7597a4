import { expect, test } from 'vitest';
import { formatPrice } from '../../src/subscription/money.ts';
import { price } from '../support/products.ts';

test.each([
  [900, 'usd', 'en-US', '$9'],
  [1050, 'usd', 'en-US', '$10.50'],
  [1050, 'EUR', 'de-DE', '10,50 €'],
  [0, 'usd', 'en-US', '$0'],
  [500, 'jpy', 'ja-JP', '￥500'],
  [500, 'jpy', 'en-US', '¥500'],
  [50_000, 'isk', 'en-US', 'ISK 500'],
  [50_000, 'huf', 'en-US', 'HUF 500'],
  [5125, 'kwd', 'en-US', 'KWD 5.125'],
])('%i of %s is %s %s', (amount, currency, locale, text) => {
  expect(
    formatPrice({ ...price('p', 'x', amount, 'month'), currency }, locale)?.replaceAll('\u00a0', ' '),
  ).toBe(text);
});

test('a price below the smallest unit is written out', () => {
  const tiny = { ...price('p', 'x', null, 'month'), unit_amount_decimal: '0.05' };

  expect(formatPrice(tiny, 'en-US')).toBe('$0.0005');
});

test('a price that depends on use has no amount', () => {
  expect(formatPrice(price('p', 'x', null, 'month'), 'en-US')).toBeUndefined();
});
