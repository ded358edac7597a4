// Asks the unmodified `@clerk/shared` about keys, claims and permissions: one JSON question a line on stdin, one JSON
// answer a line on stdout.
import { createInterface } from 'node:readline';
import { apiUrlFromPublishableKey } from '@clerk/shared/apiUrlFromPublishableKey';
import { createCheckAuthorization } from '@clerk/shared/authorization';
import { buildAccountsBaseUrl } from '@clerk/shared/buildAccountsBaseUrl';
import { __experimental_JWTPayloadToAuthObjectProperties as authOf } from '@clerk/shared/jwtPayloadParser';
import { getCookieSuffix, parsePublishableKey } from '@clerk/shared/keys';

const answers = {
  key: ({ key }) => parsePublishableKey(key),
  suffix: ({ key }) => getCookieSuffix(key),
  api_url: ({ key }) => apiUrlFromPublishableKey(key),
  accounts_url: ({ host }) => buildAccountsBaseUrl(host),
  claims: ({ claims }) => authOf(claims),
  has: ({ state, asked }) => createCheckAuthorization({ userId: 'user_1', orgId: 'org_1', ...state })(asked),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { about, ...question } = JSON.parse(line);
  process.stdout.write(JSON.stringify((await answers[about](question)) ?? null) + '\n');
}
