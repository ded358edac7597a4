import { afterEach, expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { PricingTable } from '../../src/subscription/index.ts';
import { PRO, PRODUCTS, price, STARTER, subscriptionTo } from '../support/products.ts';
import { shownWith } from '../support/subscriptions.tsx';

const DOWN = new Response('unavailable', { status: 503 });
const TO_PRO = { products: PRODUCTS, subscription: subscriptionTo(PRO) };

afterEach(() => {
  vi.useRealTimers();
});

test('plans stand in the order of the products, with price, features and a way to subscribe', async () => {
  const { screen } = await shownWith(<PricingTable />);
  await expect.element(screen.getByRole('heading', { name: 'Starter' })).toBeVisible();

  const plans = screen.getByRole('list').first().element();
  expect(
    [...plans.children].map((plan) => [...plan.querySelectorAll('h3, p, li')].map((one) => one.textContent)),
  ).toEqual([
    ['Starter', 'For one person.', '$9 per month', 'readFoo'],
    ['Pro', 'For teams.', '$29 per month', 'readFoo', 'writeFoo'],
  ]);
  await expect.element(screen.getByRole('button', { name: 'Subscribe Pro' })).toBeVisible();
});

test('years are shown instead of months when they are chosen', async () => {
  const { screen } = await shownWith(<PricingTable />);
  const yearly = screen.getByRole('button', { name: 'Yearly' });
  await expect.element(yearly).toHaveAttribute('aria-pressed', 'false');

  await yearly.click();

  await expect.element(yearly).toHaveAttribute('aria-pressed', 'true');
  await expect.element(screen.getByText('$290.50')).toBeVisible();
  await expect.element(screen.getByText('per year').first()).toBeVisible();
});

test('there is no choice of periods when all prices have the same', async () => {
  const products = PRODUCTS.map(({ product, prices }) => ({ product, prices: prices.slice(0, 1) }));
  const { screen } = await shownWith(<PricingTable />, {
    answers: { useSubscription: { products, subscription: null } },
  });
  await expect.element(screen.getByText('Starter')).toBeVisible();

  expect(screen.getByRole('group').elements()).toEqual([]);
});

test('a plan without a price for the chosen period shows the one that it has', async () => {
  const products = [STARTER, { ...PRO, prices: PRO.prices.slice(1) }];
  const { screen } = await shownWith(<PricingTable />, {
    answers: { useSubscription: { products, subscription: null } },
  });

  await expect.element(screen.getByText('$9')).toBeVisible();
  await expect.element(screen.getByText('$290.50')).toBeVisible();
});

test('subscribing opens the checkout of the shown price', async () => {
  const { screen, fetch, navigate } = await shownWith(<PricingTable successUrl="https://a.example/paid" />, {
    answers: { redirectToCheckout: { url: 'https://checkout.example/1' } },
  });
  await screen.getByRole('button', { name: 'Yearly' }).click();
  await screen.getByRole('button', { name: 'Subscribe Pro' }).click();

  await expect.poll(() => navigate).toHaveBeenCalledWith('https://checkout.example/1');
  expect(JSON.parse(String(fetch.mock.lastCall?.[1]?.body))).toEqual({
    price: 'price_pro_year',
    successUrl: 'https://a.example/paid',
    cancelUrl: location.href,
  });
});

test('a button that was pressed says so, and no button opens a second page', async () => {
  const { screen, fetch } = await shownWith(<PricingTable />, { answers: { redirectToCheckout: 'never' } });
  const pressed = screen.getByRole('button', { name: 'Subscribe Pro' });
  await pressed.click();

  await expect.element(pressed).toHaveAttribute('aria-busy', 'true');
  await expect.element(screen.getByRole('status')).toHaveTextContent('Taking you to the payment page');
  await screen.getByRole('button', { name: 'Subscribe Starter' }).click({ force: true });
  await pressed.click({ force: true });
  expect(fetch).toHaveBeenCalledTimes(2);
});

test('a page that the browser restores can be used again', async () => {
  const { screen } = await shownWith(<PricingTable />, { answers: { redirectToCheckout: 'never' } });
  const pressed = screen.getByRole('button', { name: 'Subscribe Pro' });
  await pressed.click();
  await expect.element(pressed).toHaveAttribute('aria-busy', 'true');

  window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
  await expect.element(pressed).toHaveAttribute('aria-busy', 'false');
});

test('a checkout that cannot be opened is announced, and can be tried again', async () => {
  const { screen, navigate } = await shownWith(<PricingTable />, {
    answers: { redirectToCheckout: [DOWN, { url: 'https://checkout.example/1' }] },
  });
  const subscribe = screen.getByRole('button', { name: 'Subscribe Pro' });
  await subscribe.click();
  await expect.element(screen.getByRole('alert')).toHaveTextContent('could not be opened');

  await subscribe.click();
  await expect.poll(() => navigate).toHaveBeenCalled();
  expect(screen.getByRole('alert').elements()).toEqual([]);
});

test('a customer who may not buy is told why, and gets to the portal', async () => {
  const { screen, navigate } = await shownWith(<PricingTable />, {
    answers: {
      redirectToCheckout: Response.json({ error: 'Error' }, { status: 403 }),
      redirectToCustomerPortal: { url: 'https://portal.example/1' },
    },
  });
  await screen.getByRole('button', { name: 'Subscribe Pro' }).click();
  await expect.element(screen.getByRole('alert')).toHaveTextContent('A payment may be open');

  await screen.getByRole('button', { name: 'Manage subscription' }).click();
  await expect.poll(() => navigate).toHaveBeenCalledWith('https://portal.example/1');
});

test('a subscriber sees their plan, and changes it in the portal', async () => {
  const { screen, fetch, navigate } = await shownWith(<PricingTable returnUrl="https://a.example/plans" />, {
    answers: { useSubscription: TO_PRO, redirectToCustomerPortal: { url: 'https://portal.example/1' } },
  });
  await expect.element(screen.getByText('Your plan')).toBeVisible();
  expect(screen.container.querySelector('[data-current] h3')?.textContent).toBe('Pro');
  expect(screen.getByRole('button', { name: 'Subscribe' }).elements()).toEqual([]);
  await expect.element(screen.getByRole('button', { name: 'Manage subscription Pro' })).toBeVisible();

  await screen.getByRole('button', { name: 'Change plan Starter' }).click();
  await expect.poll(() => navigate).toHaveBeenCalledWith('https://portal.example/1');
  expect(JSON.parse(String(fetch.mock.lastCall?.[1]?.body))).toEqual({
    returnUrl: 'https://a.example/plans',
  });
});

test('the period of the subscription is chosen at first', async () => {
  const { screen } = await shownWith(<PricingTable />, {
    answers: { useSubscription: { products: PRODUCTS, subscription: subscriptionTo(PRO, 1) } },
  });

  await expect
    .element(screen.getByRole('button', { name: 'Yearly' }))
    .toHaveAttribute('aria-pressed', 'true');
});

test.each([
  ['ends', { cancel_at_period_end: true, current_period_end: 1_800_000_000 }, 'Ends on January 15, 2027'],
  ['ends at a set time', { cancel_at: 1_800_000_000 }, 'Ends on January 15, 2027'],
  ['is a trial', { status: 'trialing', trial_end: 1_800_000_000 }, 'Trial until January 15, 2027'],
  ['is overdue', { status: 'past_due' }, 'A payment is overdue.'],
])('a subscription that %s says so', async (_, fields, text) => {
  const subscription = { ...subscriptionTo(PRO), ...fields };
  const { screen } = await shownWith(<PricingTable />, {
    answers: { useSubscription: { products: PRODUCTS, subscription } },
  });

  await expect.element(screen.getByText(text)).toBeVisible();
});

test('while it loads, the table says so to screen readers alone', async () => {
  const { screen } = await shownWith(<PricingTable />, { answers: { useSubscription: 'never' } });

  await expect.element(screen.getByRole('region', { name: 'Plans' })).toHaveAttribute('aria-busy', 'true');
  await expect.element(screen.getByRole('status')).toHaveTextContent('Loading plans');
  expect(screen.getByRole('list').elements()).toEqual([]);
});

test('a failure is announced, and can be tried again', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { screen } = await shownWith(<PricingTable />, {
    answers: { useSubscription: [DOWN, { products: PRODUCTS, subscription: null }] },
  });
  await expect.element(screen.getByRole('alert')).toHaveTextContent('The plans could not be loaded.');

  await screen.getByRole('button', { name: 'Try again' }).click();
  await expect.element(screen.getByText('Starter')).toBeVisible();
});

test('visitors who are not signed in are told to', async () => {
  const { screen } = await shownWith(<PricingTable />, {
    answers: { useSubscription: Response.json({ error: 'Unauthenticated' }, { status: 401 }) },
  });

  await expect.element(screen.getByText('Sign in to see the plans.')).toBeVisible();
});

test('an empty table says so', async () => {
  const { screen } = await shownWith(<PricingTable />, {
    answers: { useSubscription: { products: [], subscription: null } },
  });

  await expect.element(screen.getByText('There are no plans to choose from.')).toBeVisible();
});

test('a price that depends on use is shown at the checkout', async () => {
  const products = [{ ...PRO, prices: [price('price_1', 'prod_pro', null, 'month')] }];
  const { screen } = await shownWith(<PricingTable />, {
    answers: { useSubscription: { products, subscription: null } },
  });

  await expect.element(screen.getByText('Price shown at checkout')).toBeVisible();
});

test('money, dates and periods are written in the locale, words in the texts', async () => {
  const { screen } = await shownWith(
    <PricingTable
      locale="de-DE"
      texts={{ pricing: { per: { month: { one: 'pro Monat', other: 'alle {count} Monate' } } } }}
    />,
    {
      answers: {
        useSubscription: {
          products: [{ ...PRO, prices: [{ ...PRO.prices[0], currency: 'eur' }] }],
          subscription: null,
        },
      },
    },
  );

  await expect.element(screen.getByText('29 €')).toBeVisible();
  await expect.element(screen.getByText('pro Monat')).toBeVisible();
});

test('every price of several months names their number', async () => {
  const quarterly = {
    ...price('price_q', 'prod_pro', 8000, 'month'),
    recurring: { interval: 'month', interval_count: 3 },
  };
  const { screen } = await shownWith(<PricingTable />, {
    answers: { useSubscription: { products: [{ ...PRO, prices: [quarterly] }], subscription: null } },
  });

  await expect.element(screen.getByText('every 3 months')).toBeVisible();
});

test('the table works by keyboard alone', async () => {
  const { screen, navigate } = await shownWith(<PricingTable />, {
    answers: { redirectToCheckout: { url: 'https://checkout.example/1' } },
  });
  await expect.element(screen.getByText('Starter')).toBeVisible();

  await userEvent.keyboard('{Tab}{Tab}');
  expect(document.activeElement?.textContent).toBe('Yearly');
  await userEvent.keyboard('{Enter}{Tab}{Enter}');
  await expect.poll(() => navigate).toHaveBeenCalled();
});

test('a theme replaces elements of the table', async () => {
  const { screen } = await shownWith(
    <PricingTable
      theme={{
        primaryButton: ({ children, ...props }) => (
          <button {...props} className="mine">
            {children}
          </button>
        ),
        planName: 'text-xl',
        pricingInterval__year: { color: 'rgb(1, 2, 3)' },
      }}
    />,
  );
  const subscribe = screen.getByRole('button', { name: 'Subscribe Pro' });
  await expect.element(subscribe).toHaveClass('mine');

  expect(screen.getByRole('heading', { name: 'Pro' }).element().className).toBe('text-xl');
  expect(getComputedStyle(screen.getByText('Yearly').element()).color).toBe('rgb(1, 2, 3)');
  expect(screen.getByText('Monthly').element().className).toBe('gf-pricing-interval');
});
