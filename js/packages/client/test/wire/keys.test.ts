import { expect, test } from 'vitest';
import { createGreffier, parsePublishableKey, SecretKeyError } from '../../src/index.ts';
import { cookieSuffix } from '../../src/wire/keys.ts';

test('a publishable key names its host and environment', () => {
  const development = parsePublishableKey(`pk_test_${btoa('clerk.example.localhost:8443$')}`);
  const production = parsePublishableKey(`pk_live_${btoa('clerk.example.com$')}`);

  expect(development).toEqual({ host: 'clerk.example.localhost:8443', isDevelopment: true });
  expect(production).toEqual({ host: 'clerk.example.com', isDevelopment: false });
});

test.each(['', 'pk_test_', 'pk_test_%', 'pk_live_Zm9v', `pk_test_${btoa('a.example$b.example$')}`])(
  'the key %s is refused',
  (key) => {
    expect(() => parsePublishableKey(key)).toThrow(TypeError);
  },
);

test('a secret key is refused without being repeated, and is an error of types', () => {
  // @ts-expect-error: a literal secret key
  expect(() => createGreffier({ publishableKey: 'sk_test_1234' })).toThrow(SecretKeyError);
  const key: string = 'sk_live_1234';
  expect(() => createGreffier({ publishableKey: key })).not.toThrow(/1234/);
});

test('a secret key in the address of the server is refused', () => {
  const options = { publishableKey: `pk_test_${btoa('a.example$')}`, proxyUrl: '/__clerk?key=sk_test_1234' };

  expect(() => createGreffier(options)).toThrow(SecretKeyError);
});

test.each([
  ['pk_live_ZmFrZS1jbGVyay10ZXN0LmNsZXJrLmFjY291bnRzLmRldiQ=', 'qReyu04C'],
  ['pk_test_Y2xlcmsuY2xlcmsuZGV2JA', 'QvfNY2dr'],
  ['pk_test_ZW5vdWdoLWFscGFjYS04Mi5jbGVyay5hY2NvdW50cy5sY2xjbGVyay5jb20k', 'jtYvyt_H'],
  ['pk_test_eHh4eHh4LXhhYWFhYS1hYS5jbGVyay5hY2NvdW50cy5sY2xjbGVyay5jb20k', 'tZJdb-5s'],
])('cookies of %s end with %s', async (key, suffix) => {
  expect(await cookieSuffix(key)).toBe(suffix);
});
