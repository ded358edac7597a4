// The quickstart of the unmodified `@clerk/react`: the key and the URLs that `greffier dev` prints, and nothing else.
import { ClerkProvider, Show, SignInButton, SignOutButton, useAuth } from "@clerk/react";
import { createElement as h } from "react";
import { createRoot } from "react-dom/client";

function User() {
  const { isLoaded, userId } = useAuth();
  return h("p", { id: "user" }, isLoaded ? (userId ?? "signed out") : "");
}

const { key, server } = window.config;
const options = {
  publishableKey: key,
  proxyUrl: server,
  __internal_clerkJSUrl: `${server}/npm/@clerk/clerk-js@6/dist/clerk.browser.js`,
  __internal_clerkUIUrl: `${server}/npm/@clerk/ui@1/dist/ui.browser.js`,
};
createRoot(document.getElementById("root")).render(
  h(
    ClerkProvider,
    options,
    h(Show, { when: "signed-out" }, h(SignInButton, null, h("button", null, "Sign in"))),
    h(Show, { when: "signed-in" }, h(SignOutButton, null, h("button", null, "Sign out"))),
    h(User),
  ),
);
