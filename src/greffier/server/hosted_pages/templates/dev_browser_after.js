
// Development only, put behind the browser SDK. A page of another site than the server's, such as one of http where the
// server has https, sends no cookie of the server along: there the development browser says who asks.
((names) => {
  const script = typeof document === "undefined" ? null : document.currentScript;
  const [base, file] = script?.src.split("/npm/@clerk/clerk-js@") ?? [];
  const clerk = window.Clerk;
  if (!file || !clerk) return;
  const server = new URL(base);
  if (server.protocol === location.protocol && server.hostname === location.hostname) return;
  const hook = clerk.__internal_onBeforeRequest ?? clerk.__unstable__onBeforeRequest;
  hook?.call(clerk, (request) => {
    const token = document.cookie.match(new RegExp(`(?:^|; )${names[0]}=([^;]+)`))?.[1];
    if (token && request.url) request.url.searchParams.set("__clerk_db_jwt", token);
  });
})(NAMES);
