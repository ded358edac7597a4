// API keys of the user or of an organization. They are asked for with a session token and no cookie, so that no other
// site's page can make a browser create one.

import type { Greffier } from '../core/greffier.ts';
import type { Page, PageParams } from '../types/organizations.ts';
import type { ApiKey } from '../types/users.ts';
import type { Method } from '../wire/transport.ts';

async function ask<Resource>(
  greffier: Greffier,
  method: Method,
  path: string,
  { query, body }: { query?: object; body?: object },
): Promise<Resource> {
  const token = await greffier.getToken();
  const headers = { authorization: `Bearer ${token}` };
  return (await greffier.send<Resource>(`/api_keys${path}`, { method, query, body, headers })).response;
}

/** `subject`: id of the user or organization. */
export function listApiKeys(
  greffier: Greffier,
  subject: string,
  params: PageParams & { query?: string; includeInvalid?: boolean } = {},
): Promise<Page<ApiKey>> {
  return ask(greffier, 'GET', '', { query: { subject, ...params } });
}

export interface ApiKeyParams {
  name: string;
  subject: string;
  description?: string | undefined;
  secondsUntilExpiration?: number | undefined;
}

/** The secret is in this answer alone. */
export function createApiKey(greffier: Greffier, params: ApiKeyParams): Promise<ApiKey> {
  return ask(greffier, 'POST', '', { body: params });
}

export function updateApiKey(greffier: Greffier, id: string, description: string | null): Promise<ApiKey> {
  return ask(greffier, 'PATCH', `/${id}`, { body: { description } });
}

export function revokeApiKey(greffier: Greffier, id: string, revocationReason?: string): Promise<ApiKey> {
  return ask(greffier, 'POST', `/${id}/revoke`, { body: { revocationReason } });
}
