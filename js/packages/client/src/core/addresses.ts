// Addresses: of the server, and of this page.

/** The server's URL for a key's host. Only a proxy may be asked without TLS: a path of this origin, or a URL. */
export function apiBase(host: string, proxyUrl: string | undefined): string {
  if (!proxyUrl) return `https://${host}`;
  const page = typeof location === 'undefined' ? undefined : location.href;
  // On a server a path has no origin; nothing is requested there.
  const url = page || !proxyUrl.startsWith('/') ? new URL(proxyUrl, page).href : proxyUrl;
  return url.replace(/\/+$/, '');
}

/** Whether browsers may keep the server's cookies from this page, whose host is another one. */
export function isOtherHost(base: string): boolean {
  const { protocol, hostname } = new URL(base);
  return protocol !== location.protocol || hostname !== location.hostname;
}

/** Takes parameters out of the page's address, which may be shared or reloaded; returns the first one's value. */
export function takeFromUrl(...names: string[]): string | undefined {
  const url = new URL(location.href);
  const taken = names.map((name) => url.searchParams.get(name));
  if (taken.every((value) => value === null)) return undefined;
  for (const name of names) url.searchParams.delete(name);
  history.replaceState(history.state, '', url);
  return taken.find((value) => value !== null) ?? undefined;
}
