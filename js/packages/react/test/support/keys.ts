// Which rendered elements a theme cannot address.

/** The elements inside `container` that have no key, as HTML without their children. Parts of a drawing need none. */
export function withoutKey(container: Element): string[] {
  return [...container.querySelectorAll('*')]
    .filter((one) => !one.hasAttribute('data-gf') && !one.parentElement?.closest('svg'))
    .map((one) => (one.cloneNode(false) as Element).outerHTML);
}
