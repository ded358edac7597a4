import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { publint } from 'publint';
import { beforeAll, expect, test } from 'vitest';
import { assertBuilt, built, bundled, filesIn, PACKAGE, sent } from '../support/built.ts';

beforeAll(assertBuilt);

const MODULES = filesIn('dist').filter((file) => file.endsWith('.js'));

test.each([
  [
    'a gate and its provider',
    "export { Gate, SubscriptionProvider, useSubscription } from '@greffier/react'",
    5,
  ],
  [
    'the pricing table and its provider',
    "export { PricingTable, SubscriptionProvider } from '@greffier/react'",
    8,
  ],
  ['everything', "export * from '@greffier/react'", 25],
])('%s stays below its limit of kilobytes', async (_, code, limit) => {
  const text = await bundled(code);

  expect(sent(text)).toBeLessThan(limit);
});

test('styles and a language stay below their limits of kilobytes', () => {
  expect(sent(built('styles.css'))).toBeLessThan(6);
  expect(sent(built('texts/english.js'))).toBeLessThan(4);
});

test('an application gets only what it uses', async () => {
  const text = await bundled("export { Gate, SubscriptionProvider } from '@greffier/react'");

  expect(text).toContain('exactly one');
  expect(text).not.toContain('pricingTable');
  expect(text).not.toContain('no element has the key');
});

test('files that need a browser keep their directive for server components', () => {
  const sources = filesIn('src').filter((file) => /\.tsx?$/.test(file));
  const marked = sources.filter((file) =>
    readFileSync(`${PACKAGE}src/${file}`, 'utf8').startsWith("'use client'"),
  );
  const kept = marked.filter((file) => built(file.replace(/\.tsx?$/, '.js')).startsWith('"use client"'));

  expect(marked.length).toBeGreaterThan(8);
  expect(kept).toEqual(marked);
});

test('every module with a hook or a component is marked for server components', () => {
  const unmarked = MODULES.filter((file) => /from "react(-dom|\/jsx-runtime)?"/.test(built(file))).filter(
    (file) => !built(file).startsWith('"use client"'),
  );

  expect(unmarked).toEqual([]);
});

test('the package follows the rules for packages', async () => {
  const { messages } = await publint({ pkgDir: PACKAGE, strict: true });

  expect(messages).toEqual([]);
});

test('both style sheets have the same rules', () => {
  expect(built('styles.layered.css')).toBe(`@layer greffier {\n${built('styles.css')}}\n`);
});

test('components render on a server, without requests and styles of their own', () => {
  const code = `
    import { createElement as h } from 'react';
    import { renderToString } from 'react-dom/server';
    import { Gate, PricingTable, SubscriptionProvider } from '@greffier/react';
    globalThis.fetch = () => { throw new Error('requested'); };
    const table = h(PricingTable, { theme: { general: { color: 'red; background: url(//a.example)' } } });
    console.log(renderToString(h(SubscriptionProvider, null, table, h(Gate, { unsubscribed: true }, 'gated'))));
  `;
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: PACKAGE,
    encoding: 'utf8',
  });

  expect(ran.stderr).toBe('');
  expect(ran.stdout).toContain('data-gf="pricingTable"');
  expect(ran.stdout).toContain('Loading plans');
  expect(ran.stdout).not.toMatch(/gated|style=|<style|a\.example/);
});

test('its types compile in an application, with keys known', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(PACKAGE, '../../node_modules/.types-'));
  const code = `
    import { Gate, PricingTable, SubscriptionProvider, useSubscription, type Theme } from '@greffier/react';
    import { noSecretKeys } from '@greffier/react/vite';
    import { useSubscription as same } from '@greffier/react/subscription';
    const theme: Theme = { primaryButton: ({ children, onClick }) => <button onClick={onClick}>{children}</button> };
    export const app = (
      <SubscriptionProvider endpoint="/billing" theme={theme}>
        <PricingTable /><Gate feature="x" negate>text</Gate>
      </SubscriptionProvider>
    );
    export const plugin: { name: string } = noSecretKeys();
    export const hook: typeof useSubscription = same;
    export const wrong: Theme = { primaryButon: 'x' };
  `;
  writeFileSync(join(folder, 'app.tsx'), code);
  const tsc = createRequire(import.meta.url).resolve('typescript/lib/tsc.js');
  const options =
    '--noEmit --ignoreConfig --strict --skipLibCheck --jsx react-jsx --module nodenext --types react';
  const ran = spawnSync(process.execPath, [tsc, ...options.split(' '), join(folder, 'app.tsx')], {
    cwd: PACKAGE,
    encoding: 'utf8',
  });
  rmSync(folder, { recursive: true });

  expect(
    ran.stdout
      .trim()
      .split('\n')
      .map((line) => line.replace(/^.*?: /, '')),
  ).toEqual([
    expect.stringContaining(
      "'primaryButon' does not exist in type 'Theme'. Did you mean to write 'primaryButton'?",
    ),
  ]);
});

test('the published files hold no secret key', () => {
  for (const file of MODULES) expect(built(file)).not.toMatch(/\b[sr]k_(test|live)_\w{8}/);
});
