// Pages of an application's own forms: buttons of the former and the present hooks, both callbacks, and popups.
import { AuthenticateWithRedirectCallback, HandleSSOCallback, SignIn, useSignIn, useSignUp } from "@clerk/react";
import { useSignIn as useFormerSignIn, useSignUp as useFormerSignUp } from "@clerk/react/legacy";
import { createElement as h, useState } from "react";

const strategy = "oauth_google";
const former = { strategy, redirectUrl: "/former-callback", redirectUrlComplete: "/dashboard" };
const present = { strategy, redirectUrl: "/dashboard", redirectCallbackUrl: "/present-callback" };
const go = (path) => () => location.assign(path);
const open = () => window.open("about:blank", "", "width=600,height=800");

function Custom() {
  const { signIn: formerSignIn, isLoaded } = useFormerSignIn();
  const { signUp: formerSignUp } = useFormerSignUp();
  const { signIn } = useSignIn();
  const { signUp } = useSignUp();
  const [problem, setProblem] = useState("");
  if (!isLoaded) return null;
  const button = (label, begin) =>
    h("button", { onClick: () => Promise.resolve(begin()).then((done) => setProblem(done?.error?.code ?? "")) }, label);
  const at = (path) => new URL(path, location.href).href;
  const absolute = { strategy, redirectUrl: at("/former-callback"), redirectUrlComplete: at("/dashboard") };
  return h(
    "section",
    null,
    h("h1", null, "Own form"),
    button("Former sign-in", () => formerSignIn.authenticateWithRedirect(former)),
    button("Former sign-up", () => formerSignUp.authenticateWithRedirect(former)),
    button("Former popup", () => formerSignIn.authenticateWithPopup({ ...absolute, popup: open() })),
    button("Present sign-in", () => signIn.sso(present)),
    button("Present sign-up", () => signUp.sso(present)),
    button("Present popup", () =>
      signIn
        .sso({ ...present, popup: open() })
        .then(() =>
          signIn.status === "complete" ? signIn.finalize({ navigate: go("/dashboard") }) : go("/present-callback")(),
        ),
    ),
    h("output", null, problem),
  );
}

export const customPages = {
  "/custom": () => h(Custom),
  "/former-callback": () => h(AuthenticateWithRedirectCallback),
  "/present-callback": () =>
    h(HandleSSOCallback, {
      navigateToApp: go("/dashboard"),
      navigateToSignIn: go("/sign-in"),
      navigateToSignUp: go("/sign-up"),
    }),
  "/popup": () => h(SignIn, { oauthFlow: "popup", routing: "hash" }),
};
