// Tabs of one browser tell each other of tokens and changes, and take turns. Where the browser lacks a way to
// do so, each tab works alone, and the cookies that they share tell them of sign-outs.

/** What tabs say. A token stands for itself: its claims say whose it is. */
export type Message = { readonly type: 'token'; readonly jwt: string } | { readonly type: 'changed' };

const LONGEST_TURN = 10_000;

export interface Tabs {
  tell(message: Message): void;
  /** Runs `task` while no other tab runs one of this name. */
  inTurn<Result>(name: string, task: () => Promise<Result>): Promise<Result>;
  close(): void;
}

export function openTabs(name: string, onMessage: (message: Message) => void): Tabs {
  const channel = typeof BroadcastChannel === 'function' ? new BroadcastChannel(name) : undefined;
  channel?.addEventListener('message', ({ data }: MessageEvent<Message>) => onMessage(data));
  return {
    tell: (message) => channel?.postMessage(message),
    inTurn: (lock, task) => inTurn(`${name}.${lock}`, task),
    close: () => channel?.close(),
  };
}

async function inTurn<Result>(name: string, task: () => Promise<Result>): Promise<Result> {
  const locks = globalThis.navigator?.locks;
  if (!locks) return task();
  let started = false;
  try {
    return await locks.request(name, { signal: AbortSignal.timeout(LONGEST_TURN) }, () => {
      started = true;
      return task();
    });
  } catch (error) {
    // A tab that the browser has frozen holds the lock, or pages of this kind may have none.
    if (started) throw error;
    return task();
  }
}
