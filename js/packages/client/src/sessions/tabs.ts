// Tabs of one browser tell each other of tokens and changes, and take turns. Where the browser lacks a way to
// do so, each tab works alone, and the cookies that they share tell them of sign-outs.

/** What tabs say. A token stands for itself: its claims say whose it is. */
export type Message = { readonly type: 'token'; readonly jwt: string } | { readonly type: 'changed' };

const LONGEST_TURN = 10_000;
/** On which the published SDKs of the same page's other tabs say that somebody signed out. */
const PUBLISHED = 'clerk';

export interface Tabs {
  tell(message: Message): void;
  tellSignOut(): void;
  /** Runs `task` while no other tab runs one of this name. */
  inTurn<Result>(name: string, task: () => Promise<Result>): Promise<Result>;
  close(): void;
}

export function openTabs(name: string, onMessage: (message: Message) => void): Tabs {
  const open = typeof BroadcastChannel === 'function' ? (at: string) => new BroadcastChannel(at) : () => null;
  const own = open(name);
  const published = open(PUBLISHED);
  own?.addEventListener('message', ({ data }: MessageEvent<Message>) => onMessage(data));
  published?.addEventListener('message', ({ data }: MessageEvent<{ type?: string }>) => {
    if (data?.type === 'signout') onMessage({ type: 'changed' });
  });
  return {
    tell: (message) => own?.postMessage(message),
    tellSignOut: () => published?.postMessage({ type: 'signout' }),
    inTurn: (lock, task) => inTurn(`${name}.${lock}`, task),
    close() {
      own?.close();
      published?.close();
    },
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
