import { spawnSync } from 'node:child_process';
import { publint } from 'publint';
import { expect, test } from 'vitest';
import { bundled, PACKAGE, sent } from '../support/built.ts';

const FLOWS = `createSignIn, prepareFirstFactor, attemptFirstFactor, prepareSecondFactor, attemptSecondFactor,
  resetPassword, reloadSignIn, createSignUp, updateSignUp, prepareVerification, attemptVerification, signInUrl,
  signUpUrl, continueFlow, takeLanding, signInWithPasskey, hasPasskeyAutofill, isRefusal`;

/** Milliseconds; npm packs the package. */
const PATIENCE = 30_000;

test.each([
  ['state, tokens and tabs', "export { createGreffier } from '@greffier/client'", 7],
  ['all that signing in and up needs', `export { createGreffier, ${FLOWS} } from '@greffier/client'`, 8],
  ['everything', "export * from '@greffier/client'", 11],
  ['the part for wallets', "export * from '@greffier/client/wallets'", 2],
])('%s stays below its limit of kilobytes', async (_, code, limit) => {
  expect(sent(await bundled(code))).toBeLessThan(limit);
});

test('an application without passkeys and organizations gets nothing of them', async () => {
  const text = await bundled("export { createGreffier, createSignIn } from '@greffier/client'");

  expect(text).toContain('/client/sign_ins');
  expect(text).not.toMatch(/PublicKeyCredential|\/organizations|eth_requestAccounts/);
});

test(
  'the package follows the rules for packages',
  async () => {
    const { messages } = await publint({ pkgDir: PACKAGE, strict: true });

    expect(messages).toEqual([]);
  },
  PATIENCE,
);

test('a server imports it, and renders before anything is known', () => {
  const code = `
    import { createGreffier } from '@greffier/client';
    import '@greffier/client/wallets';
    import '@greffier/client/official';
    globalThis.fetch = () => { throw new Error('requested'); };
    const greffier = createGreffier({ publishableKey: 'pk_test_${btoa('clerk.a.localhost$')}', proxyUrl: '/__clerk' });
    await greffier.load();
    console.log(greffier.getServerSnapshot().status, greffier.getSnapshot().status, await greffier.getToken());
  `;
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: PACKAGE,
    encoding: 'utf8',
  });

  expect(ran.stderr).toBe('');
  expect(ran.stdout.trim()).toBe('loading loading null');
});
