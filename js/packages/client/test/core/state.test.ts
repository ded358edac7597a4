import { expect, test } from 'vitest';
import { type Page, resource, updateUser } from '../../src/index.ts';
import { cookie, json, refusal, stubServer } from '../support/stub.ts';
import { until } from '../support/time.ts';

const stub = stubServer();

test('a snapshot is the same object until something changes', async () => {
  const greffier = stub.open();
  await greffier.load();
  const before = greffier.getSnapshot();

  expect(greffier.getSnapshot()).toBe(before);
  await updateUser(greffier, { firstName: 'Augusta' });
  expect(greffier.getSnapshot()).not.toBe(before);
});

test('every reader sees a change as soon as it is answered, without a request of its own', async () => {
  const greffier = stub.open();
  await greffier.load();
  const seen: (string | null | undefined)[] = [];
  for (let reader = 0; reader < 2; reader++) {
    greffier.subscribe(() => seen.push(greffier.getSnapshot().user?.firstName));
  }
  stub.server.on('PATCH /me', () => {
    stub.server.updatedAt = Date.now() + 1;
    const client = stub.server.client() as { sessions: { user: { first_name: string } }[] };
    for (const session of client.sessions) session.user.first_name = 'Augusta';
    return json({ response: { first_name: 'Augusta' }, client });
  });
  const before = stub.server.seen.length;

  expect(await updateUser(greffier, { firstName: 'Augusta' })).toMatchObject({ firstName: 'Augusta' });

  expect(seen).toEqual(['Augusta', 'Augusta']);
  expect(stub.server.seen).toHaveLength(before + 1);
});

test('an answer that was overtaken does not replace a newer one', async () => {
  const greffier = stub.open();
  await greffier.load();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const old = stub.server.client();
  stub.server.on('GET /client', async () => {
    await held;
    return json({ response: old });
  });
  const slow = greffier.reload();
  stub.server.sessions = [];
  await updateUser(greffier, {});
  expect(greffier.getSnapshot().session).toBe(null);

  release();
  await slow;

  expect(greffier.getSnapshot().session).toBe(null);
});

test('a page that the server refuses says why, and may try again', async () => {
  stub.server.on('GET /client', () => refusal(403, 'origin_invalid'));
  const greffier = stub.open();

  await expect(greffier.load()).rejects.toMatchObject({ code: 'origin_invalid' });
  expect(greffier.getSnapshot()).toMatchObject({ status: 'failed', error: { code: 'origin_invalid' } });

  stub.server.handlers.clear();
  await greffier.load();
  expect(greffier.getSnapshot().status).toBe('ready');
});

test('signing out in one tab signs out the others, and removes the cookies', async () => {
  const [one, other] = [stub.open(), stub.open()];
  await Promise.all([one.load(), other.load()]);

  await one.signOut();

  await until(() => other.getSnapshot().session === null);
  expect(one.getSnapshot().session).toBe(null);
  expect(cookie('__session')).toBeUndefined();
  expect(cookie('__client_uat')).toBe('0');
});

test('signing in in one tab signs in the tabs without a session', async () => {
  stub.server.sessions = [];
  const [one, other] = [stub.open(), stub.open()];
  await Promise.all([one.load(), other.load()]);
  stub.server.sessions = [{ id: 'sess_2', status: 'active', organization: null }];
  stub.server.updatedAt = Date.now();

  await one.setActive({ session: 'sess_2' });

  await until(() => other.getSnapshot().session?.id === 'sess_2');
  expect(cookie('__session')).toBeTruthy();
});

test('a tab is never handed over to another session', async () => {
  stub.server.sessions = ['sess_1', 'sess_2'].map((id) => ({ id, status: 'active', organization: null }));
  const greffier = stub.open();
  await greffier.load();
  stub.server.sessions = stub.server.sessions.slice(1);
  stub.server.updatedAt = Date.now();

  await greffier.reload();

  expect(greffier.getSnapshot().session).toBe(null);
  expect(greffier.getSnapshot().client?.sessions).toHaveLength(1);
});

test('an organization is chosen by its slug, and its token is there at once', async () => {
  stub.server.memberships = [
    { role: 'org:admin', organization: { id: 'org_1', slug: 'acme', name: 'Acme' } },
  ];
  stub.server.on('POST /client/sessions/sess_1/touch', ({ form }) => {
    stub.server.sessions = [
      { id: 'sess_1', status: 'active', organization: form['active_organization_id'] || null },
    ];
    stub.server.updatedAt = Date.now();
    return json({ response: stub.server.session('sess_1'), client: stub.server.client() });
  });
  const greffier = stub.open();

  await greffier.setActive({ organization: 'acme' });

  expect(greffier.getSnapshot()).toMatchObject({
    organization: { name: 'Acme' },
    membership: { role: 'org:admin' },
  });
  expect(atob(cookie('__session')?.split('.')[1] ?? '')).toContain('"o":{"id":"org_1"}');
  await greffier.setActive({ organization: null });
  expect(greffier.getSnapshot().organization).toBe(null);
});

test('what pages of the server hand over is taken out of the address', async () => {
  history.replaceState(null, '', '?a=1&__clerk_db_jwt=dvb_handed&__clerk_handshake=x#b');

  await stub.open().load();

  expect(location.search).toBe('?a=1');
  expect(location.hash).toBe('#b');
  expect(cookie('__clerk_db_jwt')).toBe('dvb_handed');
  expect(stub.server.requests('POST /dev_browser')).toHaveLength(0);
  expect(stub.server.requests('GET /client')[0]?.query['__clerk_db_jwt']).toBe('dvb_handed');
});

test('pages elsewhere learn which browser comes, in development', async () => {
  const greffier = stub.open();
  await greffier.load();

  expect(greffier.urlWithAuth('https://accounts.example.com/sign-in?a=1')).toBe(
    'https://accounts.example.com/sign-in?a=1&__clerk_db_jwt=dvb_1',
  );
  expect(greffier.urlWithAuth('/own')).toBe(`${location.origin}/own`);
});

interface Member {
  readonly object: string;
  readonly id: string;
  readonly role: string;
}

test('readers of a list are asked for once, and see a member change without another request', async () => {
  const greffier = stub.open();
  const member = { object: 'organization_membership', id: 'orgmem_1', role: 'org:member' };
  const path = '/organizations/org_1/memberships';
  stub.server.on(`GET ${path}`, () => json({ response: { data: [member], total_count: 1 } }));
  stub.server.on(`PATCH ${path}/user_1`, () => json({ response: { ...member, role: 'org:admin' } }));
  const members = resource<Page<Member>>(greffier, path, { paginated: true });
  expect(resource(greffier, path, { paginated: true })).toBe(members);
  members.subscribe(() => undefined);
  members.subscribe(() => undefined);
  await until(() => members.getSnapshot().data !== undefined);

  await greffier.mutate(`${path}/user_1`, { role: 'org:admin' }, 'PATCH');

  expect(members.getSnapshot()).toMatchObject({
    data: { data: [{ role: 'org:admin' }], totalCount: 1 },
    isLoading: false,
  });
  expect(stub.server.requests(`GET ${path}`)).toHaveLength(1);
});

test('a list is asked for again after something was added to it', async () => {
  const greffier = stub.open();
  const path = '/organizations/org_1/invitations';
  let count = 0;
  stub.server.on(`GET ${path}`, () => json({ response: { data: [], total_count: count++ } }));
  const invitations = resource<Page<unknown>>(greffier, path);
  invitations.subscribe(() => undefined);
  await until(() => invitations.getSnapshot().data?.totalCount === 0);

  await greffier.mutate(`${path}/bulk`, { emailAddress: ['a@example.com'], role: 'org:member' });

  await until(() => invitations.getSnapshot().data?.totalCount === 1);
});

test('what one user has read is gone when the next one reads', async () => {
  const greffier = stub.open();
  stub.server.on('GET /me/sessions/active', ({ query }) => json([{ id: query['_clerk_session_id'] }]));
  const devices = resource<{ id: string }[]>(greffier, '/me/sessions/active');
  devices.subscribe(() => undefined);
  await until(() => devices.getSnapshot().data?.[0]?.id === 'sess_1');
  stub.server.sessions = [{ id: 'sess_2', status: 'active', organization: null }];
  stub.server.updatedAt = Date.now();

  await greffier.setActive({ session: 'sess_2' });

  await until(() => devices.getSnapshot().data?.[0]?.id === 'sess_2');
});
