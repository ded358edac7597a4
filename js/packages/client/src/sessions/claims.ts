// Claims of session tokens. They are read, not verified: that is for the application's server.

export interface Claims {
  readonly sid?: string;
  readonly sub?: string;
  readonly iat: number;
  readonly exp: number;
  /** Seconds since 1970 when the claims were read from the database. */
  readonly oiat?: number;
  readonly sts?: string;
  readonly o?: { readonly id: string };
  readonly org_id?: string;
}

export function claimsOf(jwt: string | undefined): Claims | undefined {
  try {
    const payload = atob((jwt?.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'));
    const claims = JSON.parse(payload) as Partial<Claims>;
    return typeof claims.exp === 'number' && typeof claims.iat === 'number' ? (claims as Claims) : undefined;
  } catch {
    return undefined;
  }
}

/** Names the session and organization that a token is for, and its template. */
export function tokenKey(
  sessionId: string,
  organizationId: string | null | undefined,
  template = '',
): string {
  return `${sessionId}:${organizationId ?? ''}:${template}`;
}

export function keyOfClaims(claims: Claims): string {
  return tokenKey(claims.sid ?? '', claims.o?.id ?? claims.org_id);
}
