import { expect, test, vi } from 'vitest';
import { Gate, type GateProps } from '../../src/subscription/index.ts';
import { PRO, PRODUCTS, STARTER, subscriptionTo } from '../support/products.ts';
import { shownWith } from '../support/subscriptions.tsx';

type Condition = { [Name in 'product' | 'feature' | 'unsubscribed' | 'negate']?: unknown };

const GATES: [string, Condition][] = [
  ['unsubscribed', { unsubscribed: true }],
  ['subscribed', { unsubscribed: true, negate: true }],
  ['starter', { product: 'prod_starter' }],
  ['pro', { product: PRO.product }],
  ['not pro', { product: PRO.product, negate: true }],
  ['reads', { feature: 'readFoo' }],
  ['writes', { feature: 'writeFoo' }],
  ['does not write', { feature: 'writeFoo', negate: true }],
  ['half a name', { feature: 'write' }],
];

function gates() {
  return GATES.map(([name, condition]) => (
    <Gate key={name} {...(condition as unknown as GateProps)}>
      <i>{name}</i>
    </Gate>
  ));
}

async function opened(answer: Parameters<typeof shownWith>[1]) {
  const { screen, fetch } = await shownWith(gates(), answer);
  await expect.poll(() => screen.container.querySelector('i')).not.toBeNull();
  expect(fetch).toHaveBeenCalledOnce();
  return [...screen.container.querySelectorAll('i')].map((one) => one.textContent);
}

function answerWith(subscription: unknown) {
  return { answers: { useSubscription: { products: PRODUCTS, subscription } } };
}

test('gates of a customer without a subscription', async () => {
  expect(await opened(answerWith(null))).toEqual(['unsubscribed', 'not pro', 'does not write']);
});

test('gates of a customer of the smaller product', async () => {
  expect(await opened(answerWith(subscriptionTo(STARTER)))).toEqual([
    'subscribed',
    'starter',
    'not pro',
    'reads',
    'does not write',
  ]);
});

test('gates of a customer of the larger product', async () => {
  expect(await opened(answerWith(subscriptionTo(PRO)))).toEqual(['subscribed', 'pro', 'reads', 'writes']);
});

test('a subscription to a product that is no longer offered has no features', async () => {
  const former = {
    product: { id: 'prod_former', name: 'Former' },
    prices: [{ ...PRO.prices[0], product: 'prod_former' }],
  };

  expect(await opened(answerWith(subscriptionTo(former as typeof PRO)))).toEqual([
    'subscribed',
    'not pro',
    'does not write',
  ]);
});

test.each([
  ['loads', 'never' as const],
  ['cannot be loaded', new Response('unavailable', { status: 503 })],
])('every gate is shut while the subscription %s', async (_, answer) => {
  const { screen, fetch } = await shownWith(gates(), { answers: { useSubscription: answer } });

  await expect.poll(() => fetch).toHaveBeenCalled();
  await new Promise((resolve) => requestAnimationFrame(resolve));
  expect(screen.container.textContent).toBe('');
});

test.each<[string, Condition]>([
  ['no condition', {}],
  ['a condition that does not hold a value', { product: undefined }],
  ['two conditions', { product: 'prod_pro', feature: 'readFoo' }],
  ['all conditions', { product: 'prod_pro', feature: 'readFoo', unsubscribed: true }],
])('a gate with %s is an error', async (_, condition) => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);

  await expect(shownWith(<Gate {...(condition as unknown as GateProps)} />)).rejects.toThrow('exactly one');
  vi.restoreAllMocks();
});

test('a gate without exactly one condition is an error of types', () => {
  const right = [
    <Gate key="a" unsubscribed />,
    <Gate key="b" product="prod_1" negate />,
    <Gate key="c" feature="x" />,
  ];
  const wrong = [
    // @ts-expect-error: no condition
    <Gate key="d" />,
    // @ts-expect-error: two conditions
    <Gate key="e" product="prod_1" feature="x" />,
    // @ts-expect-error: two conditions
    <Gate key="f" unsubscribed feature="x" />,
  ];

  expect([...right, ...wrong]).toHaveLength(6);
});
