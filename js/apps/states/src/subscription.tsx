// States of the components for subscriptions. A function in place of `fetch` answers; no server is behind it.

import {
  Gate,
  PricingTable,
  type PricingTableProps,
  type Subscription,
  SubscriptionProvider,
  type SubscriptionProviderProps,
} from '@greffier/react/subscription';
import type { ReactNode } from 'react';
import { PRO, PRODUCTS, STARTER, subscriptionTo } from '../../../packages/react/test/support/products.ts';
import type { States } from './states.ts';

type Answer = () => Promise<Response> | Response;

const never: Answer = () => new Promise(() => undefined);
const unavailable: Answer = () => new Response('unavailable', { status: 503 });
const signedOut: Answer = () => Response.json({ error: 'Unauthenticated' }, { status: 401 });

function answering(products: unknown, subscription: Subscription | null): Answer {
  return () => Response.json({ products, subscription });
}

const unsubscribed = answering(PRODUCTS, null);

/** Renders below a provider whose reads get `read`, and whose redirections get `leave`. */
function below(children: ReactNode, read: Answer, leave: Answer = never): ReactNode {
  const fetch: SubscriptionProviderProps<string, string>['fetch'] = async (address) => {
    return String(address).endsWith('useSubscription') ? read() : leave();
  };
  return <SubscriptionProvider fetch={fetch}>{children}</SubscriptionProvider>;
}

function table(read: Answer, props: PricingTableProps = {}, leave: Answer = never): () => ReactNode {
  return () => below(<PricingTable {...props} />, read, leave);
}

const LONG = 'Donaudampfschifffahrtsgesellschaftskapitänspatent';

const many = [
  STARTER,
  PRO,
  { ...PRO, product: { ...PRO.product, id: 'prod_long', name: LONG, description: LONG } },
];

const uneven = [
  { product: { ...STARTER.product, description: null, metadata: {} }, prices: STARTER.prices.slice(0, 1) },
  { ...PRO, prices: PRO.prices.slice(0, 1).map((price) => ({ ...price, unit_amount: null })) },
];

const custom: PricingTableProps['theme'] = {
  general: { color: '#9f1239', borderRadius: 0, boxShadow: 'none', fontFamily: 'Georgia, serif' },
  buttons: { fontColor: 'white' },
  planName: { fontSize: 24, margin: 0 },
};

function gates(): ReactNode {
  return (
    <ul>
      <Gate unsubscribed>
        <li>no subscription</li>
      </Gate>
      <Gate product={STARTER.product}>
        <li>Starter</li>
      </Gate>
      <Gate product={PRO.product}>
        <li>Pro</li>
      </Gate>
      <Gate feature="writeFoo">
        <li>may write</li>
      </Gate>
      <Gate feature="writeFoo" negate>
        <li>may not write</li>
      </Gate>
    </ul>
  );
}

export const subscriptionStates: States = {
  'pricing-table/loading': table(never),
  'pricing-table/unavailable': table(unavailable),
  'pricing-table/signed-out': table(signedOut),
  'pricing-table/empty': table(answering([], null)),
  'pricing-table/unsubscribed': table(unsubscribed),
  'pricing-table/yearly': table(unsubscribed, { defaultInterval: 'year' }),
  'pricing-table/subscribed': table(answering(PRODUCTS, subscriptionTo(PRO))),
  'pricing-table/ending': table(
    answering(PRODUCTS, { ...subscriptionTo(STARTER, 1), cancel_at: 1_800_000_000 }),
  ),
  'pricing-table/overdue': table(answering(PRODUCTS, { ...subscriptionTo(PRO), status: 'past_due' })),
  'pricing-table/many': table(answering(many, null)),
  'pricing-table/uneven': table(answering(uneven, null)),
  'pricing-table/one': table(answering([PRO], null)),
  'pricing-table/themed': table(unsubscribed, { theme: custom }),
  'gate/unsubscribed': () => below(gates(), unsubscribed),
  'gate/subscribed': () => below(gates(), answering(PRODUCTS, subscriptionTo(PRO))),
};
