// Why a page of the browser SDK cannot do its work: texts for the person, undefined where nothing is in the way.

// The browser SDK did not load.
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

// The browser keeps no cookie. `navigator.cookieEnabled` is true in Chromium even where a setting blocks them.
const refusedCookies = () => {
  const probe = "greffier_probe=1";
  document.cookie = `${probe}; SameSite=Lax`;
  const kept = document.cookie.includes(probe);
  document.cookie = `${probe}; SameSite=Lax; Max-Age=0`;
  if (kept) return undefined;
  return `This browser refuses cookies, which are needed to sign in. Allow them for ${location.host} and try again.`;
};

const cannotStart = () => missingScripts() ?? refusedCookies();
