// Answers of GET requests, kept for everyone who reads them. A mutation puts its answer into each of them that holds
// the same resource, and those that it may have made incomplete are asked for again.

import type { Greffier, Mutation } from './greffier.ts';
import { createStore, type Readable, type Store } from './store.ts';

export interface ResourceState<Data> {
  /** The last answer; it stays while it is asked for again, and when that fails. */
  readonly data: Data | undefined;
  readonly error: unknown;
  readonly isLoading: boolean;
}

export interface Resource<Data> extends Readable<ResourceState<Data>> {
  /** Asks again; resolves with the answer. */
  reload(): Promise<Data>;
}

interface Entry extends Resource<unknown> {
  readonly path: string;
  readonly store: Store<ResourceState<unknown>>;
  readers: number;
}

const EMPTY: ResourceState<never> = { data: undefined, error: undefined, isLoading: true };
const caches = new WeakMap<Greffier, Map<string, Entry>>();

function cacheOf(greffier: Greffier): Map<string, Entry> {
  const known = caches.get(greffier);
  if (known) return known;
  const cache = new Map<string, Entry>();
  caches.set(greffier, cache);
  greffier.onMutation((mutation) => afterMutation(cache, mutation));
  let owner = ownerOf(greffier);
  greffier.subscribe(() => {
    const former = owner;
    owner = ownerOf(greffier);
    if (former === undefined || former === owner) return;
    // What one user sees is not for the next.
    for (const entry of cache.values()) restart(entry, cache);
  });
  return cache;
}

function ownerOf(greffier: Greffier): string | undefined {
  const { session } = greffier.getSnapshot();
  return session === null ? '' : session?.id;
}

function restart(entry: Entry, cache: Map<string, Entry>): void {
  entry.store.set(EMPTY);
  if (entry.readers) void entry.reload().catch(() => undefined);
  else for (const [key, one] of cache) if (one === entry) cache.delete(key);
}

/**
 * The answer of `GET path` as long as this user is signed in. The first subscriber asks for it.
 *
 *     const members = resource<Page<OrganizationMembership>>(greffier, `/organizations/${id}/memberships`, { paginated: true });
 */
export function resource<Data>(greffier: Greffier, path: string, query: object = {}): Resource<Data> {
  const cache = cacheOf(greffier);
  const key = `${path} ${JSON.stringify(query)}`;
  let entry = cache.get(key);
  if (!entry) {
    entry = create(greffier, path, query);
    cache.set(key, entry);
  }
  return entry as Resource<unknown> as Resource<Data>;
}

function create(greffier: Greffier, path: string, query: object): Entry {
  const store = createStore<ResourceState<unknown>>(EMPTY);
  let latest = 0;
  async function reload(): Promise<unknown> {
    const number = ++latest;
    store.set({ ...store.getSnapshot(), isLoading: true });
    try {
      const data = await greffier.read(path, query);
      if (number === latest) store.set({ data, error: undefined, isLoading: false });
      return data;
    } catch (error) {
      if (number === latest) store.set({ ...store.getSnapshot(), error, isLoading: false });
      throw error;
    }
  }
  const entry: Entry = {
    path,
    store,
    readers: 0,
    getSnapshot: store.getSnapshot,
    reload,
    subscribe(listener) {
      const end = store.subscribe(listener);
      if (++entry.readers === 1 && !latest) reload().catch(() => undefined);
      return () => {
        entry.readers--;
        end();
      };
    },
  };
  return entry;
}

interface Identified {
  readonly object?: string;
  readonly id?: string;
  readonly deleted?: boolean;
}

function afterMutation(cache: Map<string, Entry>, { path, method, response }: Mutation): void {
  const changed = response as Identified | null;
  for (const [key, entry] of cache) {
    const { data } = entry.getSnapshot();
    const replaced = changed?.id ? withReplaced(data, changed) : data;
    if (replaced !== data) entry.store.set({ ...entry.getSnapshot(), data: replaced });
    // Lists grow and shrink, and what is named by a longer path is part of what is named by a shorter one.
    const isNear = path.startsWith(entry.path) || entry.path.startsWith(path.replace(/\/[^/]+$/, ''));
    if (!isNear || (method === 'PATCH' && replaced !== data)) continue;
    if (entry.readers) void entry.reload().catch(() => undefined);
    else cache.delete(key);
  }
}

/** The same value, with a resource replaced wherever it is in it, or removed from lists. */
function withReplaced(value: unknown, changed: Identified): unknown {
  if (Array.isArray(value)) {
    const kept = changed.deleted ? value.filter((one: Identified | null) => one?.id !== changed.id) : value;
    const items = kept.map((one) => withReplaced(one, changed));
    return kept.length === value.length && items.every((one, i) => one === value[i]) ? value : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const known = value as Identified;
  if (!changed.deleted && known.id === changed.id && known.object === changed.object)
    return { ...known, ...changed };
  const entries = Object.entries(value);
  const items = entries.map(([name, inner]) => [name, withReplaced(inner, changed)] as const);
  return items.some(([, inner], i) => inner !== entries[i]?.[1]) ? Object.fromEntries(items) : value;
}
