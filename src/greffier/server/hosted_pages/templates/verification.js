(async () => {
  const boot = JSON.parse(document.getElementById("boot").textContent);
  const component = document.getElementById("component");
  const state = document.getElementById("state");
  const clerk = window.Clerk;

  const obstacle = cannotStart();
  if (obstacle) {
    state.textContent = obstacle;
    return;
  }

  // Only back to the request that brought the browser here.
  const wanted = new URL(new URLSearchParams(location.search).get("redirect_url") ?? "", location.href);
  const onward = `${location.origin}${boot.mount}/oauth/authorize${wanted.search}`;
  const signIn = () =>
    location.replace(`${boot.signIn}?${new URLSearchParams({ redirect_url: onward })}`);

  try {
    await loadClerk(boot);
  } catch (error) {
    console.error(error);
    state.textContent = "This page could not be loaded. Please try again.";
    return;
  }
  if (!clerk.user) {
    signIn();
    return;
  }

  const ask = () =>
    clerk.__internal_openReverification({
      level: "first_factor",
      afterVerification: () => location.replace(onward),
    });

  document.getElementById("confirm").addEventListener("click", ask);
  document.getElementById("other").addEventListener("click", async () => {
    await clerk.signOut();
    signIn();
  });
  document.getElementById("who").textContent =
    clerk.user.primaryEmailAddress?.emailAddress ?? clerk.user.username ?? "";
  component.hidden = false;
  state.remove();
  ask();
})();
