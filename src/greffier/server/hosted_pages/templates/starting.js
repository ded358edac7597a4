// What every page of the browser SDK does first: say why it cannot start, and load the SDK.

// The text for a page whose browser SDK did not load, undefined if it did.
const missingScripts = () => {
  const globals = { "@clerk/clerk-js": window.Clerk, "@clerk/ui": window.__internal_ClerkUICtor };
  const missing = [...document.querySelectorAll("script[src]")]
    .filter((script) => Object.entries(globals).some(([name, found]) => !found && script.src.includes(`/npm/${name}@`)))
    .map((script) => script.src);
  if (missing.length === 0) return undefined;
  return (
    `This page could not load ${missing.join(" and ")}. Open that URL to see why. Usually the browser SDK is not ` +
    "installed on this server (run: greffier assets install), or the reverse proxy in front of it does not pass this " +
    "path on: behind a path prefix, GREFFIER_PUBLIC_URL must end with the prefix that the proxy serves."
  );
};

// The text for a browser that keeps no cookie, undefined if it does. `navigator.cookieEnabled` is true in Chromium
// even where a setting of its user blocks them.
const refusedCookies = () => {
  const probe = "greffier_probe=1";
  document.cookie = `${probe}; SameSite=Lax`;
  const kept = document.cookie.includes(probe);
  document.cookie = `${probe}; SameSite=Lax; Max-Age=0`;
  if (kept) return undefined;
  return `This browser refuses cookies, without which nobody can sign in. Allow them for ${location.host} and try again.`;
};

const cannotStart = () => missingScripts() ?? refusedCookies();

const loadClerk = (boot, options) =>
  window.Clerk.load({
    ui: { ClerkUI: window.__internal_ClerkUICtor },
    nonce: document.querySelector("script[nonce]").nonce,
    telemetry: false,
    signInUrl: location.origin + boot.signIn,
    signUpUrl: location.origin + boot.signUp,
    ...options,
  });
