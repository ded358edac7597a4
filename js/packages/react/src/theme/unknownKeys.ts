// Warns of keys in themes that no element has. In production nothing of this is loaded.

import type { Theme } from './theme.ts';

const RESERVED = ['general', 'buttons'];
const warned = new Set<string>();

/** Say in the console which keys of a theme are unknown, each once, with the nearest known name. */
export function warnOfUnknownKeys(theme: Theme | undefined): void {
  if (process.env.NODE_ENV === 'production' || !theme) return;
  void import('../elements/all.ts').then((all) => {
    const known = [...RESERVED, ...Object.values(all).map((one) => one.key)];
    for (const key of Object.keys(theme)) {
      const base = key.split('__', 1)[0] ?? key;
      if (known.includes(base) || warned.has(key)) continue;
      warned.add(key);
      // biome-ignore lint/suspicious/noConsole: a mistake in the developer's theme
      console.warn(`Greffier: no element has the key "${key}". Did you mean "${nearest(base, known)}"?`);
    }
  });
}

/** The most similar of some names. */
export function nearest(name: string, names: readonly string[]): string {
  const ranked = names.map((known) => [distance(name.toLowerCase(), known.toLowerCase()), known] as const);
  return ranked.reduce((best, one) => (one[0] < best[0] ? one : best), [Number.POSITIVE_INFINITY, ''])[1];
}

/** How many letters must be put in, left out or exchanged (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...to].entries()) {
      const exchanged = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(exchanged, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
