
// Development only, put behind the browser SDK, which expects two things of its maker's hosts.
// A popup ends on the server that is developed against, and the SDK listens to https://accounts.<name> alone.
(() => {
  const script = typeof document === "undefined" ? null : document.currentScript;
  const [base, file] = script?.src.split("/npm/@clerk/clerk-js@") ?? [];
  const host = window.Clerk?.frontendApi;
  if (!file || !host) return;
  const server = new URL(base).origin;
  const origin = `https://${host.replace(/clerk\.accounts\.|clerk\./, "accounts.")}`;
  window.addEventListener("message", ({ origin: from, data, source }) => {
    if (from !== server || !(data?.session || data?.return_url)) return;
    window.dispatchEvent(new MessageEvent("message", { data, origin, source }));
  });
})();
// A page of another site than the server's, such as one of http where the server has https, sends no cookie of the server
// along: there the development browser says who asks.
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
