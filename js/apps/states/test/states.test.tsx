import '@greffier/react/styles.css';
import '../src/page.css';
import { afterEach, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-react';
import { findings } from '../../../packages/react/test/support/axe.ts';
import { withoutKey } from '../../../packages/react/test/support/keys.ts';
import { STATES } from '../src/states.ts';

const root = document.documentElement;

afterEach(async () => {
  root.removeAttribute('style');
  root.removeAttribute('dir');
  await page.viewport(1024, 768);
});

/** What is there once a state is, and not before. */
function settled(state: string): string {
  if (state.startsWith('gate/')) return 'li';
  return state.endsWith('/loading') ? '[aria-busy=true]' : 'section[aria-busy=false]';
}

async function shown(state: string): Promise<HTMLElement> {
  const { container } = await render(<main>{STATES[state]?.()}</main>);
  await expect.poll(() => container.querySelector(settled(state))).not.toBeNull();
  return container;
}

const names = Object.keys(STATES);
const LOOKS = names.flatMap((state) =>
  (['light', 'dark'] as const).flatMap((scheme) =>
    (['ltr', 'rtl'] as const).map((dir) => [state, scheme, dir] as const),
  ),
);

test.each(LOOKS)('axe finds nothing in %s, %s, %s', async (state, scheme, dir) => {
  root.style.colorScheme = scheme;
  root.dir = dir;
  root.lang = 'en';

  expect(await findings(await shown(state))).toEqual([]);
});

test.each(names)('%s fits into 320 pixels', async (state) => {
  await page.viewport(320, 640);
  const container = await shown(state);

  expect(root.scrollWidth).toBeLessThanOrEqual(320);
  const cut = [...container.querySelectorAll<HTMLElement>('[data-gf]:not([data-gf=statusText])')].filter(
    (one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== 'inline',
  );
  expect(cut.map((one) => one.dataset['gf'])).toEqual([]);
});

test.each(names.filter((state) => !state.startsWith('gate/')))(
  'every element of %s has a key',
  async (state) => {
    const container = await shown(state);

    expect(withoutKey(container).filter((html) => html !== '<main></main>')).toEqual([]);
  },
);
