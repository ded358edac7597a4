// Drives the unmodified `@clerk/backend`: one JSON command a line on stdin, one JSON answer a line on stdout.
import { createInterface } from 'node:readline';
import { createClerkClient, verifyToken } from '@clerk/backend';

const describe = (state, asked) => {
  const auth = state.toAuth?.() ?? {};
  return {
    status: state.status,
    reason: state.reason,
    headers: [...state.headers],
    user_id: auth.userId ?? null,
    session_id: auth.sessionId ?? null,
    org_id: auth.orgId ?? null,
    org_role: auth.orgRole ?? null,
    org_permissions: auth.orgPermissions ?? null,
    token: state.token ?? null,
    has: asked.map(question => auth.has?.(question) ?? null),
  };
};

const commands = {
  // `asked` are questions for `has`.
  authenticate: async ({ client, request, options, asked = [] }) => {
    const clerk = createClerkClient(client);
    const incoming = new Request(request.url, { headers: request.headers, method: request.method ?? 'GET' });
    return describe(await clerk.authenticateRequest(incoming, options ?? {}), asked);
  },
  verify: ({ token, options }) => verifyToken(token, options),
  // A call of the Backend API, such as `users.getUser` with its arguments.
  call: async ({ client, method, args }) => {
    const clerk = createClerkClient(client);
    const [resource, name] = method.split('.');
    return clerk[resource][name](...args);
  },
};

const failure = error => ({ error: error.message, reason: error.reason, status: error.status, errors: error.errors });

for await (const line of createInterface({ input: process.stdin })) {
  const { op, ...input } = JSON.parse(line);
  let answer;
  try {
    answer = { result: await commands[op](input) };
  } catch (error) {
    answer = failure(error);
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
