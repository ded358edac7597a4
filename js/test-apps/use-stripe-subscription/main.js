// An application of the unmodified `use-stripe-subscription`, as its guide shows it.
import { createElement as h } from 'react';
import { createRoot } from 'react-dom/client';
import { Gate, SubscriptionProvider, useSubscription } from 'use-stripe-subscription';

function Shop() {
  const { isLoaded, products, subscription, redirectToCheckout, redirectToCustomerPortal } =
    useSubscription();
  if (!isLoaded) return h('p', null, 'Loading');
  return h(
    'main',
    null,
    h('h1', null, 'Shop'),
    h('p', { id: 'state' }, subscription ? `Subscription: ${subscription.status}` : 'No subscription'),
    products.map(({ product, prices }) =>
      h(
        'button',
        { key: product.id, type: 'button', onClick: () => redirectToCheckout({ price: prices[0].id }) },
        `Subscribe ${product.name}`,
      ),
    ),
    h('button', { type: 'button', onClick: () => redirectToCustomerPortal() }, 'Manage'),
    h(Gate, { unsubscribed: true }, h('p', null, 'Choose a plan')),
    h(Gate, { feature: 'api' }, h('p', null, 'Your API keys')),
    h(Gate, { product: products[0].product }, h('p', null, `Thank you for ${products[0].product.name}`)),
    h(Gate, { feature: 'audit', negate: true }, h('p', null, 'Without the audit log')),
  );
}

createRoot(document.getElementById('root')).render(
  h(SubscriptionProvider, { stripePublishableKey: 'pk_test_of_the_stand_in_0123456789' }, h(Shop)),
);
