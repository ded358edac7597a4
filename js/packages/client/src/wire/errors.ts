// What can go wrong with a request: the server refuses it, or it is not reached.

/** One reason of a refusal. Components show `longMessage` beside the field that `meta.paramName` names. */
export interface ErrorItem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly longMessage: string;
  readonly meta: ErrorMeta;
}

export interface ErrorMeta {
  /** The parameter at fault, as forms name it: `email_address`. */
  readonly paramName?: string;
  /** Of `identifier_already_signed_in`: the session to continue with. */
  readonly sessionId?: string;
  readonly emailAddresses?: readonly string[];
  readonly identifiers?: readonly string[];
  readonly zxcvbn?: { readonly suggestions: readonly { readonly code: string; readonly message: string }[] };
  readonly [name: string]: unknown;
}

/** Codes on which flows decide, and every other code of the server. */
export type ErrorCode =
  | 'account_transfer_invalid'
  | 'captcha_invalid'
  | 'captcha_missing_token'
  | 'dev_browser_unauthenticated'
  | 'external_account_exists'
  | 'external_account_not_found'
  | 'form_code_incorrect'
  | 'form_identifier_exists'
  | 'form_identifier_not_found'
  | 'form_param_nil'
  | 'form_password_compromised'
  | 'form_password_incorrect'
  | 'form_password_pwned'
  | 'identifier_already_signed_in'
  | 'invitation_account_not_exists'
  | 'not_allowed_access'
  | 'oauth_access_denied'
  | 'origin_invalid'
  | 'requires_captcha'
  | 'resource_not_found'
  | 'session_exists'
  | 'session_reverification_required'
  | 'sign_up_mode_restricted'
  | 'signed_out'
  | 'strategy_for_user_invalid'
  | 'too_many_requests'
  | 'user_banned'
  | 'user_deactivated'
  | 'user_locked'
  | 'verification_expired'
  | 'verification_failed'
  | (string & {});

const UNKNOWN: ErrorItem = { code: 'unknown', message: '', longMessage: '', meta: {} };

/** The server refused a request. `code`, `longMessage` and `meta` are those of the first reason. */
export class GreffierError extends Error {
  override readonly name = 'GreffierError';
  readonly status: number;
  readonly errors: readonly ErrorItem[];
  readonly code: ErrorCode;
  readonly longMessage: string;
  readonly meta: ErrorMeta;
  /** Seconds after which the server may be asked again, where it says so. */
  readonly retryAfter: number | undefined;

  constructor(status: number, errors: readonly Partial<ErrorItem>[], retryAfter?: number) {
    const items = errors.map((one) => ({ ...UNKNOWN, longMessage: one.message ?? '', ...one }));
    const { code, message, longMessage, meta } = items[0] ?? {
      ...UNKNOWN,
      message: `The server answered ${status}.`,
    };
    super(longMessage || message);
    this.status = status;
    this.errors = items;
    this.code = code;
    this.longMessage = this.message;
    this.meta = meta;
    this.retryAfter = retryAfter;
  }
}

/** No answer came: the browser is offline, the server is down, or something between them interfered. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
}

/** Whether an error is a refusal for one of these reasons; without codes, for any. */
export function isRefusal(error: unknown, ...codes: ErrorCode[]): error is GreffierError {
  return error instanceof GreffierError && (codes.length === 0 || codes.includes(error.code));
}

/** Whether an error says nothing about the request itself, so that it may succeed later. */
export function isTemporary(error: unknown): boolean {
  return error instanceof NetworkError || (isRefusal(error) && (error.status >= 500 || error.status === 429));
}
