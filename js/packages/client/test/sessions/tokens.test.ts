import { expect, test, vi } from 'vitest';
import { claimsOf } from '../../src/sessions/claims.ts';
import { cookie, json, refusal, stubServer, token } from '../support/stub.ts';
import { pass, settle, sleep, stopTime, until } from '../support/time.ts';

const stub = stubServer();
const TOKENS = 'POST /client/sessions/sess_1/tokens';

test('a page has the token of its session from the first answer, without asking for one', async () => {
  const greffier = stub.open();

  const jwt = await greffier.getToken();

  expect(claimsOf(jwt ?? '')).toMatchObject({ sid: 'sess_1' });
  expect(cookie('__session')).toBe(jwt);
  expect(stub.server.requests(TOKENS)).toHaveLength(0);
});

test('cookies have both names, and say when the client changed', async () => {
  const greffier = stub.open();
  await greffier.load();

  const names = document.cookie.split('; ').map((pair) => pair.split('=')[0]);
  expect(names.filter((name) => name?.startsWith('__session'))).toHaveLength(2);
  expect(names.filter((name) => name?.startsWith('__client_uat'))).toHaveLength(2);
  expect(names.filter((name) => name?.startsWith('__clerk_db_jwt'))).toHaveLength(2);
  expect(cookie('__client_uat')).toBe(String(Math.floor(stub.server.updatedAt / 1000)));
  expect(claimsOf(cookie('__session'))?.iat).toBeGreaterThanOrEqual(Number(cookie('__client_uat')));
});

test('a token is replaced before it expires, again and again', async () => {
  stopTime();
  const greffier = stub.open();
  await greffier.load();
  const first = await greffier.getToken();

  await pass(42);
  expect(await greffier.getToken()).toBe(first);
  await pass(3);
  const second = await greffier.getToken();
  await pass(45);
  const third = await greffier.getToken();

  expect(new Set([first, second, third]).size).toBe(3);
  expect(cookie('__session')).toBe(third);
  expect(stub.server.requests(TOKENS)).toHaveLength(2);
  expect(stub.server.requests(TOKENS)[0]?.form).toEqual({ organization_id: '' });
});

test.each([
  ['ahead of', 3_600_000],
  ['behind', -3_600_000],
])('a clock of the server %s the browser by an hour changes nothing', async (_, ahead) => {
  stub.server.ahead = ahead;
  stub.server.updatedAt += ahead;
  stopTime();
  const greffier = stub.open();
  await greffier.load();
  const first = await greffier.getToken();

  await pass(40);
  expect(await greffier.getToken()).toBe(first);
  expect(stub.server.requests(TOKENS)).toHaveLength(0);
  await pass(5);
  expect(await greffier.getToken()).not.toBe(first);
  expect(stub.server.requests(TOKENS)).toHaveLength(1);
});

test('after sleep no token is given out that has expired meanwhile', async () => {
  stopTime();
  const greffier = stub.open();
  await greffier.load();
  const first = await greffier.getToken();

  sleep(600);

  expect(await greffier.getToken()).not.toBe(first);
});

test('a clock that is set back makes no token live longer', async () => {
  stopTime();
  const greffier = stub.open();
  await greffier.load();
  const first = await greffier.getToken();
  stub.server.on(TOKENS, () => json({ jwt: token({ jti: 'late' }, Date.now() + 3_600_000) }));

  sleep(-3_600);
  await pass(50);

  expect(await greffier.getToken()).not.toBe(first);
});

test('any number of callers cause one request', async () => {
  const greffier = stub.open();
  await greffier.load();

  const tokens = await Promise.all([1, 2, 3].map(() => greffier.getToken({ skipCache: true })));

  expect(new Set(tokens).size).toBe(1);
  expect(stub.server.requests(TOKENS)).toHaveLength(1);
});

test('tokens of templates are kept by their names, and are no cookies', async () => {
  const greffier = stub.open();
  stub.server.on(`${TOKENS}/hasura`, ({ form }) =>
    json({ jwt: token({ sid: undefined, form, for: 'hasura' }, Date.now()) }),
  );
  const own = await greffier.getToken();

  const first = await greffier.getToken({ template: 'hasura' });

  expect(first).not.toBe(own);
  expect(await greffier.getToken({ template: 'hasura' })).toBe(first);
  expect(await greffier.getToken()).toBe(own);
  expect(cookie('__session')).toBe(own);
  expect(stub.server.requests(`${TOKENS}/hasura`)).toHaveLength(1);
  expect(stub.server.requests(`${TOKENS}/hasura`)[0]?.form).toEqual({});
});

test('two tabs need one request for a new token', async () => {
  const [one, other] = [stub.open(), stub.open()];
  await Promise.all([one.load(), other.load()]);
  const former = cookie('__session');
  stopTime();
  sleep(57);

  const [here, there] = await Promise.all([one.getToken(), other.getToken()]);

  expect(here).not.toBe(former);
  expect(here).toBe(there);
  expect(stub.server.requests(TOKENS)).toHaveLength(1);
});

test('without locks and channels tabs still share what the cookie has', async () => {
  vi.stubGlobal('BroadcastChannel', undefined);
  vi.spyOn(navigator, 'locks', 'get').mockReturnValue(undefined as unknown as LockManager);
  const [one, other] = [stub.open(), stub.open()];
  await Promise.all([one.load(), other.load()]);
  stopTime();
  sleep(57);

  const here = await one.getToken();

  expect(await other.getToken()).toBe(here);
  expect(stub.server.requests(TOKENS)).toHaveLength(1);
  vi.restoreAllMocks();
});

test('while the network is away the user stays signed in, and the token is replaced when it is back', async () => {
  stopTime();
  const greffier = stub.open();
  await greffier.load();
  const first = cookie('__session');
  stub.server.isOnline = false;
  await pass(120);
  expect(greffier.getSnapshot().session?.id).toBe('sess_1');
  expect(cookie('__session')).toBe(first);

  stub.server.isOnline = true;
  dispatchEvent(new Event('online'));
  await until(() => cookie('__session') !== first);

  expect(greffier.getSnapshot().user?.firstName).toBe('Ada');
});

test('a page that begins without the network has the session of its cookie, and its user as soon as it can', async () => {
  const before = stub.open();
  await before.load();
  before.close();
  stub.server.isOnline = false;
  const greffier = stub.open();

  await greffier.load();
  expect(greffier.getSnapshot()).toMatchObject({ status: 'degraded', session: { id: 'sess_1' }, user: null });

  stub.server.isOnline = true;
  dispatchEvent(new Event('online'));
  await until(() => greffier.getSnapshot().status === 'ready');
  expect(greffier.getSnapshot().user?.firstName).toBe('Ada');
});

test('a session that was revoked ends when its next token is refused', async () => {
  const greffier = stub.open();
  await greffier.load();
  stub.server.sessions = [];

  await expect(greffier.getToken({ skipCache: true })).rejects.toMatchObject({ code: 'signed_out' });

  expect(greffier.getSnapshot().session).toBe(null);
  expect(await greffier.getToken()).toBe(null);
  expect(cookie('__session')).toBeUndefined();
  expect(cookie('__client_uat')).toBe('0');
});

test('coming back to a page notices that its session was revoked', async () => {
  stopTime();
  const greffier = stub.open();
  await greffier.load();
  stub.server.on('POST /client/sessions/sess_1/touch', () => refusal(401, 'signed_out'));
  stub.server.sessions = [];
  sleep(6);

  dispatchEvent(new Event('focus'));

  await until(() => greffier.getSnapshot().session === null);
  expect(stub.server.requests('POST /client/sessions/sess_1/touch')[0]?.form).toEqual({
    active_organization_id: '',
    intent: 'focus',
  });
});

test('a closed page asks for nothing any more', async () => {
  stopTime();
  const greffier = stub.open();
  await greffier.load();
  greffier.close();
  const before = stub.server.seen.length;

  await pass(100);
  await settle();

  expect(stub.server.seen).toHaveLength(before);
});
