// Authenticates requests with the unmodified `@clerk/backend`, at a time that stands still and with a Backend API
// that answers from a table: one JSON row a line on stdin, one JSON answer a line on stdout.
import { createInterface } from 'node:readline';

const RealDate = Date;
let now = 0;
globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length ? given : [now]));
  }
  static now() {
    return now;
  }
};

const NOT_FOUND = { status: 404, body: { errors: [{ code: 'resource_not_found', message: 'not found' }] } };
let answers = {};
let calls = [];
globalThis.fetch = async (input, init) => {
  const request = new Request(input, init);
  const { pathname, search } = new URL(request.url);
  const name = `${request.method} ${pathname}${search}`;
  if (!pathname.endsWith('/jwks')) calls.push(name);
  const { status, body } = answers[name] ?? NOT_FOUND;
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
};
for (const level of ['log', 'warn', 'error']) console[level] = () => {}; // stdout is for the answers

const { createClerkClient } = await import('@clerk/backend');

const authenticate = async row => {
  const clerk = createClerkClient({ ...row.client, telemetry: { disabled: true } });
  const { method, url, headers } = row.request;
  const state = await clerk.authenticateRequest(new Request(url, { method, headers }), row.options);
  const auth = state.toAuth() ?? {};
  return {
    status: state.status,
    reason: state.reason ?? null,
    token_type: state.tokenType ?? null,
    headers: [...state.headers],
    auth: Object.fromEntries(Object.entries(auth).filter(([, value]) => typeof value !== 'function')),
  };
};

for await (const line of createInterface({ input: process.stdin })) {
  const row = JSON.parse(line);
  [now, answers, calls] = [row.now * 1000, row.backend, []];
  const answer = await authenticate(row).catch(error => ({ throws: error.message }));
  process.stdout.write(JSON.stringify({ ...answer, calls }) + '\n');
}
