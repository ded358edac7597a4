// All states, by the path that shows them.

import type { ReactNode } from 'react';
import { subscriptionStates } from './subscription.tsx';

export type States = Readonly<Record<string, () => ReactNode>>;

export const STATES: States = { ...subscriptionStates };
