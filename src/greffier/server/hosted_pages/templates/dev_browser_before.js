// Development only, put before the browser SDK by the server that serves it. On pages of other hosts than its own the
// SDK expects a development browser in a cookie, and it makes one for hosts of its maker alone. Without it a link to
// the sign-in page fails with "Missing dev browser jwt".
((names) => {
  const script = typeof document === "undefined" ? null : document.currentScript;
  const [base, file] = script?.src.split("/npm/@clerk/clerk-js@") ?? [];
  if (!file) return;
  const name = names[0];
  const page = new URL(location.href);
  let token = page.searchParams.get("__clerk_db_jwt");
  if (token) {
    // Handed over by the sign-in page: a page that is reloaded or shared must not carry it.
    page.searchParams.delete("__clerk_db_jwt");
    history.replaceState(history.state, "", page);
  }
  token ??= document.cookie.match(new RegExp(`(?:^|; )${name}=([^;]+)`))?.[1];
  if (!token) {
    // Synchronous, because the SDK starts as soon as this file has run.
    const request = new XMLHttpRequest();
    request.open("POST", `${base}/v1/dev_browser`, false);
    try {
      request.send();
      token = request.status === 200 ? JSON.parse(request.responseText).id : undefined;
    } catch (error) {
      console.warn("No development browser: the development server does not answer.", error);
    }
  }
  if (!token || !/^[\w.-]+$/.test(token)) return;
  const secure = location.protocol === "https:" && location.hostname !== "localhost" ? "; Secure" : "";
  for (const cookie of names) {
    document.cookie = `${cookie}=${token}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  }
})(NAMES);
