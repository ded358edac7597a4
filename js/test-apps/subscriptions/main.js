// The same application as in `../use-stripe-subscription`, of `@greffier/react`.
import { Gate, PricingTable, SubscriptionProvider, useSubscription } from '@greffier/react/subscription';
import '@greffier/react/styles.css';
import { createElement as h } from 'react';
import { createRoot } from 'react-dom/client';

function Shop() {
  const { isLoaded, products, subscription, redirectToCustomerPortal } = useSubscription();
  if (!isLoaded) return h('p', null, 'Loading');
  return h(
    'main',
    null,
    h('h1', null, 'Shop'),
    h('p', { id: 'state' }, subscription ? `Subscription: ${subscription.status}` : 'No subscription'),
    h(PricingTable),
    h('button', { type: 'button', onClick: () => redirectToCustomerPortal() }, 'Manage'),
    h(Gate, { unsubscribed: true }, h('p', null, 'Choose a plan')),
    h(Gate, { feature: 'api' }, h('p', null, 'Your API keys')),
    h(Gate, { product: products[0].product }, h('p', null, `Thank you for ${products[0].product.name}`)),
    h(Gate, { feature: 'audit', negate: true }, h('p', null, 'Without the audit log')),
  );
}

createRoot(document.getElementById('root')).render(h(SubscriptionProvider, null, h(Shop)));
