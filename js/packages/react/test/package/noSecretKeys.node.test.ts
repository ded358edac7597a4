import { expect, test } from 'vitest';
import { noSecretKeys } from '../../src/vite/index.ts';
import { bundled } from '../support/built.ts';

const SECRETS = ['sk_test_', 'sk_live_', 'rk_live_'].map((prefix) => `${prefix}51AbCdEfGh`);

test.each([...SECRETS, `whsec_${'a'.repeat(24)}`])(
  'a build that would publish %s fails, and does not repeat it',
  async (key) => {
    const failure = await bundled(`export const key = '${key}'`, [noSecretKeys()]).catch(
      (error: Error) => error,
    );

    expect(failure).toBeInstanceOf(Error);
    expect((failure as Error).message).toContain('contains a secret key');
    expect((failure as Error).message).not.toContain(key);
  },
);

test('a build without secret keys is made', async () => {
  const code = "export const key = 'pk_test_51AbCdEfGh', prefix = 'sk_', other = 'task_test_51AbCdEfGh'";

  expect(await bundled(code, [noSecretKeys()])).toContain('pk_test_51AbCdEfGh');
});
