// The unmodified `oidc-provider` with its own pages, where any login is a person whose address it is. Each JSON line
// on stdin is the configuration to go on with, and is answered by a line with the issuer.
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import Provider from 'oidc-provider';

const kinds = {
  RS256: ['rsa', { modulusLength: 2048 }],
  PS256: ['rsa', { modulusLength: 2048 }],
  ES256: ['ec', { namedCurve: 'P-256' }],
  EdDSA: ['ed25519', {}],
};
const made = new Map();

function key({ kid, algorithm }) {
  if (!made.has(kid)) {
    const [kind, options] = kinds[algorithm];
    const jwk = generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' });
    made.set(kid, { ...jwk, kid, use: 'sig' });
  }
  return made.get(kid);
}

// A key to which the provider encrypts ID tokens; the key to decrypt them is not kept.
const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const encryption = {
  id_token_encrypted_response_alg: 'RSA-OAEP',
  id_token_encrypted_response_enc: 'A256GCM',
  jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), use: 'enc', alg: 'RSA-OAEP' }] },
};

const findAccount = (_, login) => ({
  accountId: login,
  claims: () => ({ sub: login, email: login, email_verified: true, given_name: 'Ada', family_name: 'Lovelace' }),
});

const provider = ({ client, keys, algorithm, encrypted }) =>
  new Provider(issuer, {
    clients: [
      {
        grant_types: ['authorization_code', 'refresh_token'],
        id_token_signed_response_alg: algorithm,
        ...client,
        ...(encrypted ? encryption : {}),
      },
    ],
    claims: { email: ['email', 'email_verified'], profile: ['given_name', 'family_name'] },
    cookies: { keys: ['key of the cookies of tests'] },
    enabledJWA: { idTokenSigningAlgValues: ['HS256', ...Object.keys(kinds)] },
    features: {
      devInteractions: { enabled: true },
      encryption: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
    },
    findAccount,
    jwks: { keys: keys.map(key) },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    scopes: ['openid', 'offline_access', 'calendar'],
    ttl: { AccessToken: 3600, AuthorizationCode: 60, Grant: 86400, IdToken: 86400, Interaction: 600, Session: 86400 },
  });

let answer;
const server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
await once(server, 'listening');
const issuer = `http://127.0.0.1:${server.address().port}`;
for await (const line of createInterface({ input: process.stdin })) {
  answer = provider(JSON.parse(line)).callback();
  process.stdout.write(JSON.stringify({ issuer }) + '\n');
}
server.closeAllConnections();
server.close();
