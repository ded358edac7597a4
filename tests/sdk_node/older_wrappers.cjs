// The wrappers of `@clerk/nextjs` 4.5 (2022), unmodified, in a plain HTTP server. It prints its port.
const { createServer } = require('node:http');
const { requireAuth, withAuth } = require('clerk-nextjs-4/api');
const { withServerSideAuth } = require('clerk-nextjs-4/ssr');

// What Next.js adds to the requests and responses of its API routes and pages.
const asNext = (req, res) => {
  const pairs = (req.headers.cookie ?? '').split('; ').filter(Boolean).map(pair => pair.split(/=(.*)/s));
  req.cookies = Object.fromEntries(pairs);
  res.json = value => {
    if (!res.headersSent) res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify(value));
  };
};

const say = async (req, res) => {
  const { userId, sessionId, getToken } = req.auth;
  res.json({ userId, sessionId, token: await getToken() });
};

const page = withServerSideAuth(
  ({ req }) => ({ props: { userId: req.auth.userId, addresses: req.user?.emailAddresses?.map(one => one.emailAddress) } }),
  { loadUser: true },
);

// A page of an application of those days: its server knows who is there, and its script tells too.
const html = (key, script, userId) => `<!doctype html><title>Orchard</title><link rel="icon" href="data:,">
<p id="server">${userId}</p><p id="browser"></p>
<script async crossorigin="anonymous" data-clerk-publishable-key="${key}" data-clerk-proxy-url="${new URL(script).origin}"
  src="${script}" onload="Clerk.load().then(() => { document.getElementById('browser').textContent = Clerk.user?.id })">
</script>`;

const routes = {
  '/with-auth': withAuth(say),
  '/require-auth': requireAuth(say),
  '/page': async (req, res) => {
    const result = await page({ req, res });
    if (!res.writableEnded) res.json(result.props);
  },
  '/document': async (req, res) => {
    const result = await page({ req, res });
    if (res.writableEnded) return;
    res.setHeader('content-type', 'text/html');
    res.end(html(process.env.PUBLISHABLE_KEY, process.env.SCRIPT_URL, result.props.userId));
  },
};

const server = createServer(async (req, res) => {
  asNext(req, res);
  try {
    await routes[req.url](req, res);
  } catch (error) {
    res.statusCode = 500;
    res.end(String(error.stack));
  }
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
