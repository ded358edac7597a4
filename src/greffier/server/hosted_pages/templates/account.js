(async () => {
  const boot = JSON.parse(document.getElementById("boot").textContent);
  const component = document.getElementById("component");
  const state = document.getElementById("state");
  const skeleton = document.getElementById("skeleton");
  const clerk = window.Clerk;

  const say = (text) => {
    skeleton.remove();
    state.classList.remove("hidden");
    state.textContent = text;
  };

  const obstacle = cannotStart();
  if (obstacle) {
    say(obstacle);
    return;
  }

  // Applications with SDKs of 2022-23 hand their development browser over behind `#`, where it would become a part of
  // the address to go back to.
  const handedOver = /__clerk_db_jwt(\[|%5B).*?(\]|%5D)/;
  if (handedOver.test(location.hash)) {
    history.replaceState(history.state, "", location.href.replace(handedOver, ""));
  }

  const belongsHere = (path) => path === boot.path || path.startsWith(boot.path + "/");

  const absolute = (url) => new URL(url, location.origin).href;

  // Whether an application has sent a signed-in user here again and again, each time within seconds: the page
  // would send them back at once.
  const sentInCircles = () => {
    const key = "greffier_sent_here";
    const before = JSON.parse(sessionStorage.getItem(key) ?? "{}");
    const again = before.search === location.search && Date.now() - before.at < 10_000;
    const times = again ? before.times + 1 : 1;
    sessionStorage.setItem(key, JSON.stringify({ search: location.search, at: Date.now(), times }));
    return times > 3;
  };

  // Steps of the component stay on this page; everything else is a navigation.
  const go = (change) => (to, options) => {
    const url = new URL(to, location.href);
    if (url.origin === location.origin && belongsHere(url.pathname)) {
      history[change](null, "", url);
    } else {
      options.windowNavigate(url);
    }
  };

  // A link with a ticket signs its browser in as another user: a person who is signed in here is asked first.
  // Resolves when the component may use the ticket.
  const confirmTicket = ({ user, actor }) => {
    if (!clerk.user || (clerk.user.id === user && !actor)) return;
    const card = document.getElementById("ticket");
    const { primaryEmailAddress, username, id } = clerk.user;
    document.getElementById("who").textContent = primaryEmailAddress?.emailAddress ?? username ?? id;
    document.getElementById("stay").addEventListener("click", () => {
      location.replace(absolute(boot.after.after_sign_in));
    });
    skeleton.hidden = true;
    state.hidden = true;
    card.hidden = false;
    card.querySelector("h1").focus();
    return new Promise((resolve) => {
      document.getElementById("switch").addEventListener("click", async () => {
        card.hidden = true;
        skeleton.hidden = false;
        state.hidden = false;
        // The component uses no ticket while a browser's only session lasts.
        if (boot.singleSession) await clerk.signOut(() => location.reload());
        else resolve();
      });
    });
  };

  try {
    await loadClerk(boot, {
      signInFallbackRedirectUrl: absolute(boot.after.after_sign_in),
      signUpFallbackRedirectUrl: absolute(boot.after.after_sign_up),
      afterSignOutUrl: absolute(boot.after.after_sign_out_all),
      afterMultiSessionSingleSignOutUrl: absolute(boot.after.after_sign_out_one),
      allowedRedirectOrigins: [
        location.origin,
        ...boot.destinations.map((pattern) => new RegExp(pattern)),
      ],
      routerPush: go("pushState"),
      routerReplace: go("replaceState"),
    });
    if (boot.signedIn && !clerk.user) {
      const back = new URLSearchParams({ redirect_url: location.href });
      location.replace(`${boot.signIn}?${back}`);
      return;
    }
    if (["SignIn", "SignUp"].includes(boot.component) && clerk.user && sentInCircles()) {
      say(
        "You are signed in, but the application that sent you here cannot see it. Allow cookies for it and try " +
          "again. If that does not help, tell the people who run it.",
      );
      return;
    }
    if (boot.ticket) await confirmTicket(boot.ticket);
    clerk[`mount${boot.component}`](component, {
      routing: "path",
      path: boot.path,
      afterLeaveOrganizationUrl: absolute(boot.after.after_leave_organization),
      afterCreateOrganizationUrl: absolute(boot.after.after_create_organization),
    });
    component.hidden = false;
    // The component is empty until its own parts are there.
    const shown = () => {
      if (!component.querySelector("form, button, a, h1")) return;
      watching.disconnect();
      skeleton.remove();
      state.remove();
    };
    const watching = new MutationObserver(shown);
    watching.observe(component, { childList: true, subtree: true });
    shown();
  } catch (error) {
    console.error(error);
    say("This page could not be loaded. Please try again.");
  }
})();
