// The page of the documentation that lists all elements is made from their declarations.

import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as all from '../../src/elements/all.ts';

const ELEMENTS = new URL('../../src/elements/', import.meta.url);
const PAGE = new URL('../../../../../docs/reference/elements.md', import.meta.url);
const DECLARATION = /\/\*\* (?<meaning>[^*]+) \*\/\nexport const (?<name>\w+) = element\(/g;

/** The comments above declarations, by the names of the components. */
function meanings(): Map<string, string> {
  const sources = readdirSync(ELEMENTS).map((file) => readFileSync(new URL(file, ELEMENTS), 'utf8'));
  const found = sources.flatMap((source) => [...source.matchAll(DECLARATION)]);
  return new Map(found.map(({ groups }) => [groups?.['name'] ?? '', groups?.['meaning'] ?? '']));
}

function rows(): string[] {
  const said = meanings();
  return Object.entries(all)
    .sort(([, one], [, other]) => (one.key < other.key ? -1 : 1))
    .map(([name, { key, tag, defaultClass }]) => {
      const classes = defaultClass.split(' ').map((one) => `\`${one}\``);
      return `| \`${key}\` | \`${tag}\` | ${classes.join(' ')} | ${said.get(name)} |`;
    });
}

test('the page of the documentation lists every element', async () => {
  const page = [
    '# Elements',
    '',
    'Every element that the components of `@greffier/react` render, with the key by which a',
    '[theme](../guides/theming.md) addresses it, its HTML element and its default class. `data-gf` has the key, whatever a',
    'theme does with the element. This page is made from the declarations: `npm run elements` in `js/` writes it.',
    '',
    '| key | element | class | what it is |',
    '|---|---|---|---|',
    ...rows(),
    '',
  ];

  await expect(page.join('\n')).toMatchFileSnapshot(PAGE.pathname);
});

test('every element says what it is, and has a key and a class of its own', () => {
  const elements = Object.entries(all);

  expect(elements.filter(([name]) => !meanings().has(name))).toEqual([]);
  expect(new Set(elements.map(([, one]) => one.key)).size).toBe(elements.length);
  expect(elements.filter(([name, { key }]) => name.toLowerCase() !== key.toLowerCase())).toEqual([]);
});
