// Mutations: twice the same at once is one, and those of one kind happen in their order.

/** What is changed: the path without ids and actions. */
function kindOf(path: string): string {
  return path.split('/').slice(0, 3).join('/');
}

function describe(path: string, method: string, body: object | undefined): string | undefined {
  if (body instanceof FormData) return undefined;
  return `${method} ${path} ${JSON.stringify(body)}`;
}

export function createQueue() {
  const last = new Map<string, Promise<unknown>>();
  const underway = new Map<string, Promise<unknown>>();

  return function enqueue<Result>(
    path: string,
    method: string,
    body: object | undefined,
    perform: () => Promise<Result>,
  ): Promise<Result> {
    const same = describe(path, method, body);
    const running = same && underway.get(same);
    if (running) return running as Promise<Result>;
    const kind = kindOf(path);
    const before = last.get(kind) ?? Promise.resolve();
    const started = before.catch(() => undefined).then(perform);
    const ended = started.finally(() => {
      if (same) underway.delete(same);
      if (last.get(kind) === ended) last.delete(kind);
    });
    last.set(kind, ended);
    if (same) underway.set(same, ended);
    return ended;
  };
}
