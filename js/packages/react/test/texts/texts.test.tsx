import { expect, test } from 'vitest';
import { render } from 'vitest-browser-react';
import { english } from '../../src/texts/english.ts';
import { TextsProvider, useTexts } from '../../src/texts/TextsProvider.tsx';
import { formatted, type Texts, withTexts } from '../../src/texts/texts.ts';

test('places in a text are filled in', () => {
  expect(formatted('Subscribe to {plan}', { plan: 'Pro' }, 'en')).toBe('Subscribe to Pro');
  expect(formatted('Subscribe to {plan}', {}, 'en')).toBe('Subscribe to {plan}');
});

test('numbers are written as the locale writes them', () => {
  expect(formatted('{count}', { count: 1234.5 }, 'de')).toBe('1.234,5');
});

test('the number chooses the form of a plural by the rules of the locale', () => {
  const days = { one: '{count} den', few: '{count} dny', other: '{count} dní' };

  expect([1, 3, 5].map((count) => formatted(days, { count }, 'cs'))).toEqual(['1 den', '3 dny', '5 dní']);
  expect(formatted({ other: '{count} days' }, { count: 1 }, 'en')).toBe('1 days');
});

test('single texts are exchanged, and the others stay', () => {
  const texts = withTexts<Texts>(english, { pricing: { retry: 'Again', per: { day: { other: 'daily' } } } });

  expect(texts.pricing.retry).toBe('Again');
  expect(texts.pricing.per.day).toEqual({ other: 'daily' });
  expect(texts.pricing.per.week).toEqual(english.pricing.per.week);
  expect(texts.pricing.empty).toBe(english.pricing.empty);
});

test('texts of inner providers go first', async () => {
  const Said = () => {
    const { texts, locale } = useTexts();
    return `${locale}: ${texts.pricing.retry}, ${texts.pricing.current}`;
  };
  const { container } = await render(
    <TextsProvider locale="de" texts={{ pricing: { retry: 'Nochmal', current: 'Ihr Plan' } }}>
      <TextsProvider texts={{ pricing: { retry: 'Noch einmal' } }}>
        <Said />
      </TextsProvider>
    </TextsProvider>,
  );

  expect(container.textContent).toBe('de: Noch einmal, Ihr Plan');
});

test('texts are plain JSON', () => {
  expect(JSON.parse(JSON.stringify(english))).toEqual(english);
});

test('a language that lacks a text, or has an unknown one, is an error of types', () => {
  const { retry: _, ...others } = english.pricing;
  // @ts-expect-error: a text is missing
  const incomplete: Texts = { pricing: others };
  // @ts-expect-error: there is no such text
  const unknown: Texts = { pricing: { ...english.pricing, other: 'x' } };

  expect([incomplete, unknown]).toHaveLength(2);
});
