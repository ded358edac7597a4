// Social sign-in in a window of its own.

import type { Greffier } from '../core/greffier.ts';
import type { ExternalParams } from './redirects.ts';

/** The origin of the page on which popups end. */
function callbackOrigin(greffier: Greffier): string {
  const { origin } = new URL(greffier.apiUrl);
  return origin.replace(/^(https?:\/\/)clerk\.(?:accounts\.)?/, '$1accounts.');
}

/** What the window tells: the session that it made, or nothing where there is more to do. */
export interface PopupResult {
  readonly sessionId: string | undefined;
}

/**
 * Opens a window, in a click, and waits until it has told its result; raises `AbortError` when it is closed before.
 *
 * @param begin `signInUrl` or `signUpUrl`
 */
export async function authenticateInPopup(
  greffier: Greffier,
  begin: (greffier: Greffier, params: ExternalParams) => Promise<string>,
  params: ExternalParams,
): Promise<PopupResult> {
  // At once: browsers allow it only while they handle the click.
  const popup = window.open('', '', 'width=600,height=800');
  if (!popup) throw new DOMException('The browser does not open a window.', 'NotAllowedError');
  const origin = callbackOrigin(greffier);
  const returnUrl = (url: string) =>
    `${origin}/popup-callback?return_url=${encodeURIComponent(new URL(url, location.href).href)}`;
  try {
    popup.location.href = await begin(greffier, {
      ...params,
      redirectUrl: returnUrl(params.redirectUrl),
      actionCompleteRedirectUrl: returnUrl(params.actionCompleteRedirectUrl ?? params.redirectUrl),
    });
    const sessionId = await resultOf(popup, origin);
    await greffier.reload();
    return { sessionId };
  } finally {
    popup.close();
  }
}

function resultOf(popup: Window, origin: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const ending = new AbortController();
    const timer = setInterval(() => {
      if (popup.closed) end(() => reject(new DOMException('The window was closed.', 'AbortError')));
    }, 500);
    function end(settle: () => void): void {
      clearInterval(timer);
      ending.abort();
      settle();
    }
    addEventListener(
      'message',
      ({ origin: from, data }: MessageEvent<{ session?: string; return_url?: string }>) => {
        if (from === origin && (data?.session || data?.return_url)) end(() => resolve(data.session));
      },
      { signal: ending.signal },
    );
  });
}
