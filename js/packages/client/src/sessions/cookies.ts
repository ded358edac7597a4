// Cookies of the application's host that scripts keep: the session token, when the client changed, the
// development browser, and which session the tab in front has.

const YEAR = 31_536_000;
const PROBE = '__clerk_test_etld';
const CONTEXT = 'clerk_active_context';

export interface CookieFacts {
  readonly suffix: string;
  /** In production the server itself says when the client changed. */
  readonly writesUat: boolean;
  /** Whether the instance's pages are held in frames of other sites. */
  readonly partitioned: () => boolean;
}

export type Cookies = ReturnType<typeof createCookies>;

export function readCookie(name: string): string | undefined {
  return document.cookie
    .split('; ')
    .find((one) => one.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}

function inForeignFrame(): boolean {
  try {
    return window.top !== window && window.top?.location.origin !== location.origin;
  } catch {
    return true;
  }
}

/** The widest domain for which the browser takes a cookie; nothing on hosts such as localhost. */
function widestDomain(): string {
  const labels = location.hostname.split('.');
  if (labels.length < 2 || /^[\d.]+$|:/.test(location.hostname)) return '';
  for (let count = 2; count <= labels.length; count++) {
    const domain = `; Domain=${labels.slice(-count).join('.')}`;
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in browsers that we support
    document.cookie = `${PROBE}=1; Path=/${domain}`;
    const taken = readCookie(PROBE);
    // biome-ignore lint/suspicious/noDocumentCookie: as above
    document.cookie = `${PROBE}=; Path=/; Max-Age=0${domain}`;
    if (taken) return domain;
  }
  return '';
}

export function createCookies({ suffix, writesUat, partitioned }: CookieFacts) {
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  const crossSite = () => (partitioned() || inForeignFrame() ? '; SameSite=None; Secure; Partitioned' : '');
  const lax = () => crossSite() || `; SameSite=Lax${secure}`;
  let domain: string | undefined;

  function write(name: string, value: string | null, attributes: string): void {
    for (const one of suffix ? [name, `${name}_${suffix}`] : [name]) {
      // biome-ignore lint/suspicious/noDocumentCookie: as above
      document.cookie = `${one}=${value ?? ''}; Path=/; Max-Age=${value === null ? 0 : YEAR}${attributes}`;
    }
  }

  function read(name: string): string | undefined {
    return readCookie(`${name}_${suffix}`) ?? readCookie(name);
  }

  return {
    session: () => read('__session'),
    setSession: (jwt: string | null) => write('__session', jwt, lax()),
    /** Seconds since 1970 when the client changed; 0 is signed out. */
    setUat(seconds: number): void {
      if (!writesUat) return;
      domain ??= widestDomain();
      const attributes = (crossSite() || `; SameSite=Strict${secure}`) + domain;
      if (read('__client_uat') !== String(seconds)) write('__client_uat', String(seconds), attributes);
    },
    devBrowser: () => read('__clerk_db_jwt'),
    setDevBrowser: (token: string | null) => write('__clerk_db_jwt', token, lax()),
    /** `session:organization` of the tab in front. */
    context: () => readCookie(CONTEXT),
    setContext(value: string): void {
      // biome-ignore lint/suspicious/noDocumentCookie: as above
      document.cookie = `${CONTEXT}=${value}; Path=/${lax()}${value ? '' : '; Max-Age=0'}`;
    },
  };
}
