// The state of the subscription on this page: read once for all readers, and again when it may have changed.

import { type SubscriptionData, type SubscriptionEndpoint, SubscriptionError } from './wire.ts';

export interface SubscriptionState {
  data: SubscriptionData | undefined;
  /** The failure of the latest read; `data` is then the last good answer, if there was one. */
  error: SubscriptionError | undefined;
}

/** Milliseconds that an answer is taken for fresh when the visitor comes back. */
const FRESH = 5_000;

/** Milliseconds until a failed read is repeated by itself. */
const RETRIES = [2_000, 8_000] as const;

export class SubscriptionStore {
  readonly #endpoint: SubscriptionEndpoint;
  readonly #listeners = new Set<() => void>();
  #state: SubscriptionState = { data: undefined, error: undefined };
  #reading: Promise<void> | undefined;
  #lastRead = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(endpoint: SubscriptionEndpoint) {
    this.#endpoint = endpoint;
  }

  readonly state = (): SubscriptionState => this.#state;

  /** Reads while anything listens. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#start();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  };

  /** Read again, or wait for the read that is going on. It never fails: the state has the error. */
  readonly refresh = (): Promise<void> => {
    clearTimeout(this.#timer);
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  };

  async #read(): Promise<void> {
    this.#lastRead = performance.now();
    try {
      this.#set({ data: await this.#endpoint.read(), error: undefined });
      this.#failures = 0;
    } catch (error) {
      this.#failed(error instanceof SubscriptionError ? error : new SubscriptionError(String(error), null));
    }
  }

  #failed(error: SubscriptionError): void {
    // After a sign-out nothing is left of what the former visitor had.
    const data = error.status === 401 || error.status === 403 ? undefined : this.#state.data;
    this.#set({ data, error });
    const pause = RETRIES[this.#failures];
    if (!error.isTemporary || pause === undefined || this.#listeners.size === 0) return;
    this.#failures += 1;
    this.#timer = setTimeout(this.refresh, pause);
  }

  #set(state: SubscriptionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }

  readonly #refreshIfOld = (): void => {
    if (document.visibilityState === 'visible' && performance.now() - this.#lastRead > FRESH)
      void this.refresh();
  };

  readonly #refreshIfRestored = (event: PageTransitionEvent): void => {
    if (event.persisted) void this.refresh();
  };

  #start(): void {
    window.addEventListener('focus', this.#refreshIfOld);
    window.addEventListener('online', this.#refreshIfOld);
    document.addEventListener('visibilitychange', this.#refreshIfOld);
    window.addEventListener('pageshow', this.#refreshIfRestored);
    void this.refresh();
  }

  #stop(): void {
    clearTimeout(this.#timer);
    window.removeEventListener('focus', this.#refreshIfOld);
    window.removeEventListener('online', this.#refreshIfOld);
    document.removeEventListener('visibilitychange', this.#refreshIfOld);
    window.removeEventListener('pageshow', this.#refreshIfRestored);
  }
}
