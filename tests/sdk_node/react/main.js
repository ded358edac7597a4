// A single-page application of the unmodified `@clerk/react`: everything else is as little as possible.
import { ClerkProvider, Show, SignIn, SignOutButton, SignUp, useAuth, UserButton, UserProfile } from "@clerk/react";
import { createElement as h } from "react";
import { createRoot } from "react-dom/client";
import { customPages } from "./custom.js";

const greffier = import.meta.env.VITE_GREFFIER_URL;

function Dashboard() {
  const { isLoaded, userId } = useAuth();
  if (!isLoaded) return null;
  if (!userId) location.replace("/sign-in");
  return h("section", null, h("h1", null, "Dashboard"), h("p", { id: "user" }, userId));
}

function Plans() {
  const { isLoaded, has } = useAuth();
  if (!isLoaded) return null;
  return h(
    "section",
    null,
    h("h1", null, "Plans"),
    h(Show, { when: { plan: "pro" }, fallback: h("p", null, "Only with Pro") }, h("p", null, "Welcome to Pro")),
    h(Show, { when: { feature: "export" } }, h("button", null, "Export")),
    has({ plan: "org:pro" }) && h("p", null, "Your organization has Pro"),
  );
}

const pages = {
  "/plans": () => h(Plans),
  "/sign-in": () => h(SignIn, { routing: "path", path: "/sign-in" }),
  "/sign-up": () => h(SignUp, { routing: "path", path: "/sign-up" }),
  "/profile": () => h(UserProfile, { routing: "path", path: "/profile" }),
  "/dashboard": () => h(Dashboard),
  ...customPages,
};

function Page() {
  const path = Object.keys(pages).find((start) => location.pathname.startsWith(start));
  return path ? pages[path]() : h("h1", null, "Home");
}

// Steps of a component change the address only; everything else is a new page, as the SDK opens one.
function navigate(to, { windowNavigate }) {
  const { pathname, href } = new URL(to, location.href);
  const component = ["/sign-in", "/sign-up", "/profile"].find((path) => location.pathname.startsWith(path));
  if (component && pathname.startsWith(component)) history.pushState(null, "", href);
  else windowNavigate(href);
}

createRoot(document.getElementById("root")).render(
  h(
    ClerkProvider,
    {
      publishableKey: import.meta.env.VITE_PUBLISHABLE_KEY,
      proxyUrl: greffier,
      __internal_clerkJSUrl: `${greffier}/npm/@clerk/clerk-js@6/dist/clerk.browser.js`,
      __internal_clerkUIUrl: `${greffier}/npm/@clerk/ui@1/dist/ui.browser.js`,
      signInUrl: "/sign-in",
      signUpUrl: "/sign-up",
      signInFallbackRedirectUrl: "/dashboard",
      signUpFallbackRedirectUrl: "/dashboard",
      afterSignOutUrl: "/",
      telemetry: false,
      routerPush: navigate,
      routerReplace: navigate,
    },
    h(
      "nav",
      null,
      h(Show, { when: "signed-out" }, h("a", { href: "/sign-in" }, "Sign in")),
      h(Show, { when: "signed-in" }, h(UserButton), h(SignOutButton, null, h("button", null, "Sign out"))),
    ),
    h(Page),
  ),
);
