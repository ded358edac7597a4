import { expect, test } from 'vitest';
import { refuseSecretKeys, SecretKeyError } from '../src/secretKeys.ts';

test.each([
  'sk_test_1234',
  'sk_live_1234',
  'rk_live_1234',
  'whsec_1234',
  'https://a.example/?key=sk_test_1234',
])('a value with the secret key %s is refused without being repeated', (key) => {
  expect(() => refuseSecretKeys({ endpoint: key })).toThrow(SecretKeyError);
  expect(() => refuseSecretKeys({ endpoint: key })).not.toThrow(key);
});

test.each(['pk_test_1234', '/api/subscription', '/risk_report', 'https://a.example/desk_1'])(
  'the value %s is no secret key',
  (value) => {
    expect(() => refuseSecretKeys({ endpoint: value })).not.toThrow();
  },
);
