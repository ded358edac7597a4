// A stand-in for the subscription endpoint. It is a function in place of `fetch`; no server and no payment provider
// is behind it. What they answer is compared in the tests of the Python handler and in tests/browser.

import type { ReactNode } from 'react';
import { vi } from 'vitest';
import { render } from 'vitest-browser-react';
import { SubscriptionProvider, type SubscriptionProviderProps } from '../../src/subscription/index.ts';
import { UNSUBSCRIBED } from './products.ts';

type Answer =
  | Response
  | Error
  | 'never'
  | {
      products?: unknown;
      subscription?: unknown;
      url?: unknown;
      error?: unknown;
      id?: unknown;
      stale?: boolean;
    };

/** Answers requests by their action: the answers of an action in order, the last one ever after. */
export function endpointWith(answers: Record<string, Answer | Answer[]>) {
  const left = new Map(Object.entries(answers).map(([action, some]) => [action, [some].flat()]));
  return vi.fn(async (address: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const action = new URL(String(address), location.href).searchParams.get('action') ?? '';
    const some = left.get(action) ?? [];
    const answer = some.length > 1 ? some.shift() : some[0];
    if (answer === undefined) throw new Error(`the stand-in has no answer to ${action}`);
    if (answer === 'never')
      return new Promise<Response>((_, reject) => init?.signal?.addEventListener('abort', reject));
    if (answer instanceof Error) throw answer;
    return answer instanceof Response ? answer.clone() : Response.json(answer);
  });
}

export interface Shown {
  answers?: Record<string, Answer | Answer[]>;
  props?: Partial<SubscriptionProviderProps<string, string>>;
}

/** Renders below a provider that asks the stand-in and notes where it would go. */
export async function shownWith(children: ReactNode, { answers = {}, props = {} }: Shown = {}) {
  const fetch = endpointWith({ useSubscription: UNSUBSCRIBED, ...answers });
  const navigate = vi.fn<(url: string) => void>();
  const screen = await render(
    <SubscriptionProvider fetch={fetch} navigate={navigate} {...(props as object)}>
      {children}
    </SubscriptionProvider>,
  );
  return { screen, fetch, navigate };
}
