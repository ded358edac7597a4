// Rules that keep default styles easy to replace and to override.

import { expect, test } from 'vitest';
import * as all from '../../src/elements/all.ts';
import { styles } from '../../styles.ts';

const CLASSES = new Set<string>(Object.values(all).map((one) => one.defaultClass.split(' ', 1)[0] ?? ''));
const SELECTOR = /^\.([a-z-]+)(:where\([^ ]+\))?(::before)?$/;

const sheet = styles().replace(/\/\*.*?\*\//gs, '');

function selectors(): string[] {
  const preludes = [...sheet.matchAll(/([^{};]+)\{/g)].map(([, prelude = '']) => prelude.trim());
  return preludes.filter((prelude) => !prelude.startsWith('@') && prelude !== 'to');
}

test('every rule has one class of an element and no other weight', () => {
  const others = selectors().filter((selector) => !CLASSES.has(SELECTOR.exec(selector)?.[1] ?? ''));

  expect(selectors().length).toBeGreaterThan(20);
  expect(others).toEqual([':where(:root)', ':where([data-gf="root"])']);
});

test('every element with a box of its own has default styles', () => {
  const styled = new Set(selectors().map((selector) => SELECTOR.exec(selector)?.[1]));

  expect([...CLASSES].filter((name) => !styled.has(name))).toEqual([]);
});

test('styles name no side of the screen, so that they hold in both directions of writing', () => {
  const physical =
    /(?<![\w-])((margin|padding|border|inset)-(left|right|top|bottom)|left|right|top|bottom|width|height|(min|max)-(width|height))\s*:/g;

  expect(sheet.match(physical)).toBeNull();
  expect(sheet.match(/text-align:\s*(left|right)/g)).toBeNull();
});

test('styles load nothing', () => {
  expect(sheet).not.toMatch(/url\(|@import/);
});
