// Refusals whose cause can be removed: an unknown development browser, a CAPTCHA, a session that is over.

import type { GreffierError } from '../wire/errors.ts';
import type { Send } from '../wire/requests.ts';
import type { Method } from '../wire/transport.ts';
import type { CaptchaSolver } from './options.ts';
import type { Snapshot } from './snapshot.ts';

export interface RecoveryContext {
  readonly captcha: CaptchaSolver | undefined;
  snapshot(): Snapshot;
  renewDevBrowser(): Promise<void>;
  reload(): Promise<void>;
  readonly send: Send;
}

/** Makes the function that says whether to send a refused request again. */
export function recovery(context: RecoveryContext) {
  let renewing: Promise<void> | undefined;
  let looking: Promise<void> | undefined;

  return async (error: GreffierError, path: string, method: Method): Promise<boolean> => {
    const isBanned = error.status === 403 && /^user_(banned|deactivated)$/.test(error.code);
    if (error.status !== 401 && !isBanned) return false;
    if (error.code === 'dev_browser_unauthenticated') {
      renewing ??= context.renewDevBrowser().finally(() => {
        renewing = undefined;
      });
      await renewing;
      return true;
    }
    if (error.code === 'requires_captcha') {
      const body = await context.captcha?.('verify', context.snapshot());
      if (body)
        await context.send('/client/verify', { method: 'POST', body: { ...body, captchaAction: 'verify' } });
      return !!body;
    }
    // The session of this tab may be over. The client tells, and never refuses to.
    if (context.snapshot().session && !(path === '/client' && method === 'GET')) {
      looking ??= context.reload().finally(() => {
        looking = undefined;
      });
      await looking.catch(() => undefined);
    }
    return false;
  };
}
