// The quickstart of the unmodified `@clerk/vue`: the key and the URLs that `greffier dev` prints, and nothing else.
import { clerkPlugin, Show, SignInButton, SignOutButton, useAuth } from "@clerk/vue";
import { createApp, defineComponent, h } from "vue";

const App = defineComponent({
  setup() {
    const { isLoaded, userId } = useAuth();
    return () => [
      h(Show, { when: "signed-out" }, () => h(SignInButton, null, () => h("button", "Sign in"))),
      h(Show, { when: "signed-in" }, () => h(SignOutButton, null, () => h("button", "Sign out"))),
      h("p", { id: "user" }, isLoaded.value ? (userId.value ?? "signed out") : ""),
    ];
  },
});

const { key, server } = window.config;
createApp(App)
  .use(clerkPlugin, {
    publishableKey: key,
    proxyUrl: server,
    __internal_clerkJSUrl: `${server}/npm/@clerk/clerk-js@6/dist/clerk.browser.js`,
    __internal_clerkUIUrl: `${server}/npm/@clerk/ui@1/dist/ui.browser.js`,
  })
  .mount("#root");
