// Loads the browser SDK and lets it fill the places that the pages leave for it.
const all = (selector) => document.querySelectorAll(selector);

function showWho(user) {
  for (const part of all("[data-when]")) {
    part.hidden = part.dataset.when !== (user ? "signed-in" : "signed-out");
  }
  for (const place of all("[data-user]")) {
    const value = user?.[place.dataset.user];
    if (value) place.textContent = value;
  }
}

// Steps of a component change the address only; everything else is a new page.
function navigateWithin(change) {
  return (to, { windowNavigate }) => {
    const base = document.querySelector("[data-component]")?.dataset.path;
    const { pathname } = new URL(to, location.href);
    const stays = base && (pathname === base || pathname.startsWith(`${base}/`));
    return stays ? history[change](null, "", to) : windowNavigate(new URL(to, location.href));
  };
}

async function askWhoIAm() {
  const answer = document.getElementById("answer");
  const response = await fetch("/api/me", {
    headers: { authorization: `Bearer ${await window.Clerk.session?.getToken()}` },
  });
  answer.textContent = JSON.stringify(await response.json(), null, 2);
  answer.hidden = false;
}

async function start() {
  const { Clerk } = window;
  await Clerk.load({
    ui: { ClerkUI: window.__internal_ClerkUICtor },
    telemetry: false,
    signInUrl: "/sign-in",
    signUpUrl: "/sign-up",
    signInFallbackRedirectUrl: "/dashboard",
    signUpFallbackRedirectUrl: "/dashboard",
    afterSignOutUrl: "/",
    routerPush: navigateWithin("pushState"),
    routerReplace: navigateWithin("replaceState"),
  });

  Clerk.addListener(({ user }) => showWho(user));
  showWho(Clerk.user);

  const place = document.querySelector("[data-component]");
  if (place) Clerk[`mount${place.dataset.component}`](place, { routing: "path", path: place.dataset.path });
  if (Clerk.user) {
    Clerk.mountUserButton(document.getElementById("user-button"), {
      userProfileMode: "navigation",
      userProfileUrl: "/profile",
    });
  }
  document.getElementById("sign-out").addEventListener("click", () => Clerk.signOut({ redirectUrl: "/" }));
  document.getElementById("ask")?.addEventListener("click", askWhoIAm);
}

start().catch((error) => {
  console.error(error);
  const trouble = document.getElementById("trouble");
  trouble.textContent = "Sign-in could not be loaded. Is the Greffier server running, and did you run: greffier assets install?";
  trouble.hidden = false;
});
