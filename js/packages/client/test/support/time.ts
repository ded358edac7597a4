// Time that tests move. Answers, locks and messages take real time in between.

import { vi } from 'vitest';

const realTimeout = globalThis.setTimeout;
const SECOND = 1_000;

/** Lets what is underway arrive. */
export function settle(): Promise<void> {
  return new Promise((resolve) => realTimeout(resolve, 15));
}

/** Waits for a condition, in real time. */
export async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn++) {
    if (turn > 300) throw new Error(`It never happens that ${condition}`);
    await settle();
  }
}

export function stopTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
}

/** Moves clocks and timers second by second. */
export async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    vi.advanceTimersByTime(SECOND);
    await settle();
  }
}

/** The computer sleeps: the clock goes on, timers and steady time do not. */
export function sleep(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * SECOND);
}
