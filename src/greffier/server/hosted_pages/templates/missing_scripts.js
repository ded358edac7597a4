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
