import { StrictMode } from 'react';
import { afterEach, expect, test, vi } from 'vitest';
import { render } from 'vitest-browser-react';
import {
  SubscriptionError,
  SubscriptionProvider,
  type UseSubscription,
  useSubscription,
} from '../../src/subscription/index.ts';
import { PRO, PRODUCTS, subscriptionTo, UNSUBSCRIBED } from '../support/products.ts';
import { endpointWith, shownWith } from '../support/subscriptions.tsx';

let latest: UseSubscription;

function Reader({ name = 'reader' }: { name?: string }) {
  latest = useSubscription();
  const said = latest.isLoaded
    ? (latest.subscription?.id ?? 'unsubscribed')
    : (latest.error?.name ?? 'loading');
  return <p>{`${name}: ${said}`}</p>;
}

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('products and the subscription are there once they are loaded', async () => {
  const subscription = subscriptionTo(PRO);
  const { screen } = await shownWith(<Reader />, {
    answers: { useSubscription: { products: PRODUCTS, subscription } },
  });

  await expect.element(screen.getByText('reader: sub_1')).toBeVisible();
  expect(latest).toMatchObject({
    isLoaded: true,
    products: PRODUCTS,
    subscription,
    error: undefined,
    isStale: false,
  });
});

test('nothing is there before they are loaded', async () => {
  const { screen } = await shownWith(<Reader />, { answers: { useSubscription: 'never' } });

  await expect.element(screen.getByText('reader: loading')).toBeVisible();
  expect(latest).toMatchObject({
    isLoaded: false,
    products: undefined,
    subscription: undefined,
    error: undefined,
  });
});

test('the request is the published one, to the default endpoint', async () => {
  const { screen, fetch } = await shownWith(<Reader />);
  await expect.element(screen.getByText('reader: unsubscribed')).toBeVisible();

  expect(fetch.mock.calls.map(([address, init]) => [address, init?.method, init?.headers])).toEqual([
    ['/api/subscription?action=useSubscription', undefined, undefined],
  ]);
});

test('another endpoint keeps its own query', async () => {
  const { screen, fetch } = await shownWith(<Reader />, { props: { endpoint: '/billing?team=1' } });
  await expect.element(screen.getByText('reader: unsubscribed')).toBeVisible();

  expect(fetch.mock.calls[0]?.[0]).toBe('/billing?team=1&action=useSubscription');
});

test('all readers share one request, in strict mode as well', async () => {
  const fetch = endpointWith({ useSubscription: UNSUBSCRIBED });
  const screen = await render(
    <StrictMode>
      <SubscriptionProvider fetch={fetch}>
        <Reader name="first" />
        <Reader name="second" />
      </SubscriptionProvider>
    </StrictMode>,
  );

  await expect.element(screen.getByText('first: unsubscribed')).toBeVisible();
  await expect.element(screen.getByText('second: unsubscribed')).toBeVisible();
  expect(fetch).toHaveBeenCalledOnce();
});

test('without a reader nothing is requested', async () => {
  const { screen, fetch } = await shownWith(<p>text</p>);

  await expect.element(screen.getByText('text')).toBeVisible();
  expect(fetch).not.toHaveBeenCalled();
});

test('a refresh reaches every reader', async () => {
  const { screen } = await shownWith(
    <>
      <Reader name="first" />
      <Reader name="second" />
    </>,
    {
      answers: { useSubscription: [UNSUBSCRIBED, { products: PRODUCTS, subscription: subscriptionTo(PRO) }] },
    },
  );
  await expect.element(screen.getByText('first: unsubscribed')).toBeVisible();

  await latest.refresh();
  await expect.element(screen.getByText('first: sub_1')).toBeVisible();
  await expect.element(screen.getByText('second: sub_1')).toBeVisible();
});

test('the checkout is opened as the published package opens it', async () => {
  const { screen, fetch, navigate } = await shownWith(<Reader />, {
    answers: { redirectToCheckout: { url: 'https://checkout.example/c/1' } },
  });
  await expect.element(screen.getByText('reader: unsubscribed')).toBeVisible();

  await latest.redirectToCheckout({ price: 'price_pro_month', successUrl: 'https://a.example/paid' });

  const [address, init] = fetch.mock.lastCall ?? [];
  expect(address).toBe('/api/subscription?action=redirectToCheckout');
  expect(init).toMatchObject({ method: 'POST', headers: { 'Content-Type': 'application/json' } });
  expect(JSON.parse(String(init?.body))).toEqual({
    price: 'price_pro_month',
    successUrl: 'https://a.example/paid',
    cancelUrl: location.href,
  });
  expect(navigate.mock.calls).toEqual([['https://checkout.example/c/1']]);
});

test('the portal is opened as the published package opens it, and returns to this page', async () => {
  const { screen, fetch, navigate } = await shownWith(<Reader />, {
    answers: { redirectToCustomerPortal: { url: 'https://portal.example/p/1' } },
  });
  await expect.element(screen.getByText('reader: unsubscribed')).toBeVisible();

  await latest.redirectToCustomerPortal();

  const [address, init] = fetch.mock.lastCall ?? [];
  expect(address).toBe('/api/subscription?action=redirectToCustomerPortal');
  expect(JSON.parse(String(init?.body))).toEqual({ returnUrl: location.href });
  expect(navigate.mock.calls).toEqual([['https://portal.example/p/1']]);
});

test.each([
  ['a refused price', Response.json({ error: 'Error' }, { status: 403 }), 403],
  ['an error of the published package', { error: 'Error' }, 200],
  ['an answer without an address', { id: 'cs_1' }, 200],
  ['an address that runs code', { url: 'javascript:alert(1)' }, 200],
  ['no answer', new TypeError('Failed to fetch'), null],
])('the page stays after %s', async (_, answer, status) => {
  const { screen, navigate } = await shownWith(<Reader />, { answers: { redirectToCheckout: answer } });
  await expect.element(screen.getByText('reader: unsubscribed')).toBeVisible();

  const failure = await latest.redirectToCheckout({ price: 'price_x' }).catch((error: unknown) => error);

  expect(failure).toBeInstanceOf(SubscriptionError);
  expect((failure as SubscriptionError).status).toBe(status);
  expect(navigate).not.toHaveBeenCalled();
});

test('an answer of text is an error, and a later one mends it', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const down = new Response('unavailable', { status: 503 });
  const { screen } = await shownWith(<Reader />, { answers: { useSubscription: [down, UNSUBSCRIBED] } });
  await expect.element(screen.getByText('reader: SubscriptionError')).toBeVisible();
  expect(latest.error?.status).toBe(503);

  await latest.refresh();
  await expect.element(screen.getByText('reader: unsubscribed')).toBeVisible();
  expect(latest.error).toBeUndefined();
});

test('what was read stays when a later read fails', async () => {
  const down = new Response('unavailable', { status: 503 });
  const { screen } = await shownWith(<Reader />, { answers: { useSubscription: [UNSUBSCRIBED, down] } });
  await expect.element(screen.getByText('reader: unsubscribed')).toBeVisible();

  await latest.refresh();
  await expect.poll(() => latest.error?.status).toBe(503);
  expect(latest.isLoaded).toBe(true);
});

test('nothing stays after a sign-out', async () => {
  const signedOut = Response.json(
    { error: 'Unauthenticated', products: [], subscription: null },
    { status: 401 },
  );
  const { screen } = await shownWith(<Reader />, {
    answers: { useSubscription: [{ products: PRODUCTS, subscription: subscriptionTo(PRO) }, signedOut] },
  });
  await expect.element(screen.getByText('reader: sub_1')).toBeVisible();

  await latest.refresh();
  await expect.element(screen.getByText('reader: SubscriptionError')).toBeVisible();
  expect(latest).toMatchObject({ isLoaded: false, subscription: undefined });
});

test('the last answer that the server knows is marked', async () => {
  const stale = { ...UNSUBSCRIBED, stale: true };
  const { screen } = await shownWith(<Reader />, { answers: { useSubscription: stale } });

  await expect.element(screen.getByText('reader: unsubscribed')).toBeVisible();
  expect(latest.isStale).toBe(true);
});

test('products that are null in an answer are left out', async () => {
  const { screen } = await shownWith(<Reader />, {
    answers: { useSubscription: { products: [null, PRO], subscription: null } },
  });

  await expect.element(screen.getByText('reader: unsubscribed')).toBeVisible();
  expect(latest.products).toEqual([PRO]);
});

test('a failed read is repeated twice by itself, later each time', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { fetch } = await shownWith(<Reader />, {
    answers: { useSubscription: new Response('unavailable', { status: 503 }) },
  });
  const requestsAfter = async (milliseconds: number) => {
    await vi.advanceTimersByTimeAsync(milliseconds);
    return fetch.mock.calls.length;
  };

  expect(await requestsAfter(1_999)).toBe(1);
  expect(await requestsAfter(1)).toBe(2);
  expect(await requestsAfter(7_999)).toBe(2);
  expect(await requestsAfter(1)).toBe(3);
  expect(await requestsAfter(600_000)).toBe(3);
});

test('a refusal is not repeated', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { fetch } = await shownWith(<Reader />, {
    answers: { useSubscription: Response.json({ error: 'Unauthenticated' }, { status: 401 }) },
  });

  await vi.advanceTimersByTimeAsync(600_000);
  expect(fetch).toHaveBeenCalledTimes(1);
});

test('coming back to the page reads again, unless that was just done', async () => {
  const now = vi.spyOn(performance, 'now').mockReturnValue(1_000);
  const { screen, fetch } = await shownWith(<Reader />);
  await expect.element(screen.getByText('reader: unsubscribed')).toBeVisible();

  window.dispatchEvent(new Event('focus'));
  expect(fetch).toHaveBeenCalledTimes(1);
  now.mockReturnValue(7_000);
  window.dispatchEvent(new Event('focus'));
  window.dispatchEvent(new Event('online'));
  expect(fetch).toHaveBeenCalledTimes(2);
});

test('a page that the browser restores reads at once', async () => {
  const { screen, fetch } = await shownWith(<Reader />);
  await expect.element(screen.getByText('reader: unsubscribed')).toBeVisible();

  window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: false }));
  expect(fetch).toHaveBeenCalledTimes(1);
  window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
  expect(fetch).toHaveBeenCalledTimes(2);
});

test('without readers coming back reads nothing', async () => {
  const { screen, fetch } = await shownWith(<Reader />);
  await expect.element(screen.getByText('reader: unsubscribed')).toBeVisible();

  await screen.unmount();
  window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
  expect(fetch).toHaveBeenCalledTimes(1);
});

test('without a provider the error says what is missing', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  await expect(render(<Reader />)).rejects.toThrow('<SubscriptionProvider>');
});

test('a secret key is refused at the provider and in the addresses to return to', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const provider = (props: object) => render(<SubscriptionProvider {...props} />);
  await expect(provider({ stripePublishableKey: 'sk_test_51abc' })).rejects.toThrow('stripePublishableKey');
  await expect(provider({ endpoint: '/api?key=rk_live_51abc' })).rejects.toThrow('endpoint');

  const { screen, fetch } = await shownWith(<Reader />);
  await expect.element(screen.getByText('reader: unsubscribed')).toBeVisible();
  await expect(latest.redirectToCheckout({ price: 'sk_test_51abc' })).rejects.toThrow('price');
  await expect(latest.redirectToCustomerPortal({ returnUrl: '/?k=sk_test_51abc' })).rejects.toThrow(
    'returnUrl',
  );
  expect(fetch).toHaveBeenCalledOnce();
});

test('a secret key that is written out is an error of types', () => {
  // @ts-expect-error: a secret key
  const secret = <SubscriptionProvider stripePublishableKey="sk_test_51abc" />;
  const publishable = <SubscriptionProvider stripePublishableKey="pk_test_51abc" />;

  expect([secret, publishable]).toHaveLength(2);
});
