import { expect, test } from 'vitest';
import { createSignIn, GreffierError, isRefusal, NetworkError, updateUser } from '../../src/index.ts';
import { json, refusal, stubServer } from '../support/stub.ts';

const stub = stubServer();

async function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

test('every request is one that needs no preflight', async () => {
  const greffier = stub.open();
  await updateUser(greffier, { firstName: 'Ada', lastName: null });

  const [request] = stub.server.requests('PATCH /me');
  expect(request?.init.method).toBe('POST');
  expect(request?.init.credentials).toBe('include');
  expect(request?.init.headers).toEqual({});
  expect(request?.init.body).toBeInstanceOf(URLSearchParams);
  expect(request?.form).toEqual({ first_name: 'Ada', last_name: '' });
  expect(request?.query).toMatchObject({
    __clerk_api_version: '2026-05-12',
    _method: 'PATCH',
    _clerk_session_id: 'sess_1',
  });
  for (const { init } of stub.server.seen) expect(['GET', 'POST', undefined]).toContain(init.method);
});

test('a refusal says its code, text and field', async () => {
  stub.server.on('POST /client/sign_ins', () => refusal(422, 'form_code_incorrect'));

  const error = await reasonOf(createSignIn(stub.open(), { identifier: 'ada' }));

  expect(isRefusal(error, 'form_code_incorrect')).toBe(true);
  expect(isRefusal(error, 'user_locked')).toBe(false);
  expect(error).toMatchObject({
    status: 422,
    longMessage: 'It is form_code_incorrect.',
    meta: { paramName: 'code' },
  });
});

test('an answer that is no JSON, as a proxy gives it, is a network error', async () => {
  stub.server.on('POST /client/sign_ins', () => new Response('<h1>Bad gateway</h1>', { status: 502 }));

  expect(await reasonOf(createSignIn(stub.open(), {}))).toBeInstanceOf(NetworkError);
});

test('a request that changes something is never sent twice', async () => {
  stub.server.on('POST /client/sign_ins', () => refusal(503, 'service_unavailable', { 'retry-after': '1' }));

  const error = await reasonOf(createSignIn(stub.open(), {}));

  expect(error).toMatchObject({ status: 503, retryAfter: 1 });
  expect(stub.server.requests('POST /client/sign_ins')).toHaveLength(1);
});

test('a request that reads is sent again, and says so', async () => {
  const greffier = stub.open();
  await greffier.load();
  stub.server.on('GET /me', ({ query }) =>
    query['_clerk_retry_attempt'] ? json({ response: 1 }) : refusal(500, 'x'),
  );

  expect(await greffier.read('/me')).toBe(1);
  expect(stub.server.requests('GET /me').map(({ query }) => query['_clerk_retry_attempt'])).toEqual([
    undefined,
    '1',
  ]);
});

test('a reader waits as long as the server asks for, and no longer than a user would', async () => {
  const greffier = stub.open();
  await greffier.load();
  stub.server.on('GET /me', ({ query }) =>
    query['_clerk_retry_attempt']
      ? json({ response: 1 })
      : refusal(429, 'too_many_requests', { 'retry-after': '1' }),
  );
  const begun = performance.now();
  expect(await greffier.read('/me')).toBe(1);
  expect(performance.now() - begun).toBeGreaterThan(990);

  stub.server.on('GET /me', () => refusal(429, 'too_many_requests', { 'retry-after': '60' }));
  expect(await reasonOf(greffier.read('/me'))).toMatchObject({ status: 429, retryAfter: 60 });
});

test('an unknown development browser is replaced once, and the request sent again', async () => {
  stub.server.on('GET /client', ({ query }) =>
    query['__clerk_db_jwt'] === 'dvb_2'
      ? json({ response: stub.server.client() })
      : refusal(401, 'dev_browser_unauthenticated'),
  );
  let made = 0;
  stub.server.on('POST /dev_browser', () => json({ id: `dvb_${++made}` }));
  const greffier = stub.open();

  await greffier.load();

  expect(greffier.getSnapshot().session?.id).toBe('sess_1');
  expect(made).toBe(2);
});

test('a CAPTCHA that the server wants is solved, and the request sent again', async () => {
  let solved = false;
  stub.server.on('POST /client/verify', ({ form }) => {
    solved = form['captcha_token'] === 'solved' && form['captcha_action'] === 'verify';
    return json({ response: {} });
  });
  stub.server.on('POST /client/sign_ins', () =>
    solved ? json({ response: { id: 'sia_1' } }) : refusal(401, 'requires_captcha'),
  );
  const greffier = stub.open({ captcha: async () => ({ captchaToken: 'solved' }) });

  expect(await createSignIn(greffier, {})).toEqual({ id: 'sia_1' });
});

test('the client of an answer is taken over, also of one that refuses', async () => {
  const greffier = stub.open();
  await greffier.load();
  stub.server.on('POST /client/sign_ins', () => {
    stub.server.updatedAt = Date.now() + 1;
    const client = { ...stub.server.client(), sign_in: { id: 'sia_1', supported_first_factors: null } };
    return json({ errors: [{ code: 'x', message: 'x' }], meta: { client } }, 422);
  });

  expect(await reasonOf(createSignIn(greffier, {}))).toBeInstanceOf(GreffierError);
  expect(greffier.getSnapshot().client?.signIn).toEqual({ id: 'sia_1', supportedFirstFactors: null });
});

test('twice the same change at once is one request, and others of its kind wait for it', async () => {
  const greffier = stub.open();
  await greffier.load();
  const order: string[] = [];
  stub.server.on('POST /client/sign_ins', async ({ form }) => {
    order.push(`begin ${form['identifier']}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
    order.push(`end ${form['identifier']}`);
    return json({ response: { id: form['identifier'] } });
  });

  const answers = await Promise.all(
    ['a', 'a', 'b'].map((identifier) => createSignIn(greffier, { identifier })),
  );

  expect(answers.map(({ id }) => id)).toEqual(['a', 'a', 'b']);
  expect(order).toEqual(['begin a', 'end a', 'begin b', 'end b']);
});
