import { expect, test } from 'vitest';
import { fromWire, toWire } from '../../src/wire/names.ts';

test('answers have the names of JavaScript', () => {
  const value = { first_name: 'Ada', web3_wallets: [{ web3_wallet: '0x1' }], oauth2_x: null };

  expect(fromWire(value)).toEqual({ firstName: 'Ada', web3Wallets: [{ web3Wallet: '0x1' }], oauth2X: null });
});

test("the application's own keys are left alone", () => {
  const value = { public_metadata: { plan_name: { is_paid: true } }, unsafe_metadata: null };

  expect(fromWire(value)).toEqual({ publicMetadata: { plan_name: { is_paid: true } }, unsafeMetadata: null });
});

test('keys that other values name are left alone, what they hold is not', () => {
  const value = { attributes: { email_address: { first_factors: ['email_code'] } } };

  expect(fromWire(value)).toEqual({ attributes: { email_address: { firstFactors: ['email_code'] } } });
});

test('parameters become a form', () => {
  const params = {
    emailAddress: 'ada@example.com',
    role: ['org:admin', 'org:member'],
    organizationId: null,
    code: undefined,
    unsafeMetadata: { firstTime: true },
    legalAccepted: true,
  };

  expect([...toWire(params)]).toEqual([
    ['email_address', 'ada@example.com'],
    ['role', 'org:admin'],
    ['role', 'org:member'],
    ['organization_id', ''],
    ['unsafe_metadata', '{"firstTime":true}'],
    ['legal_accepted', 'true'],
  ]);
});
