// `@greffier/react/subscription`: subscriptions of a payment provider, with any authentication.

export { Gate, type GateProps } from './Gate.tsx';
export { PricingTable, type PricingTableProps } from './PricingTable.tsx';
export { SubscriptionProvider, type SubscriptionProviderProps } from './SubscriptionProvider.tsx';
export {
  type CheckoutOptions,
  type PortalOptions,
  type UseSubscription,
  useSubscription,
} from './useSubscription.ts';
export {
  type Interval,
  type Price,
  type Product,
  type ProductWithPrices,
  type Subscription,
  SubscriptionError,
  type SubscriptionItem,
} from './wire.ts';
