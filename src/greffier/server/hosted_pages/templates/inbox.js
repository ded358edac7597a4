(() => {
  const { inbox, to } = document.querySelector("main").dataset;
  const news = document.getElementById("news");
  const chosenByHand = new URLSearchParams(location.search).has("message");
  let waiting = null;

  const newest = () => document.getElementById("list").dataset.newest;

  const localTimes = () => {
    for (const time of document.querySelectorAll("time")) {
      time.textContent = new Date(time.dateTime).toLocaleTimeString();
    }
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    news.textContent = button.textContent = "Copied";
  });

  // The server renders; this only swaps the parts that have changed.
  const refresh = async () => {
    const url = new URL(location.href);
    url.searchParams.set("part", "messages");
    const answer = await fetch(url, { headers: { accept: "text/html" } });
    if (!answer.ok) throw new Error(answer.statusText);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of chosenByHand ? ["list"] : ["list", "message"]) {
      document.getElementById(id).replaceWith(fresh.getElementById(id));
    }
    localTimes();
  };

  const waitForMail = async (signal) => {
    // Not longer: a server that stops, or reloads its code, waits for its answers.
    const query = new URLSearchParams({ to, after: newest(), wait: "5" });
    const answer = await fetch(`${inbox}?${query}`, { headers: { accept: "application/json" }, signal });
    if (answer.status === 400) return refresh(); // the database is not the one of before
    if (!answer.ok) throw new Error(answer.statusText);
    const [message] = await answer.json();
    if (!message) return;
    await refresh();
    news.textContent = `New message to ${message.to}: ${message.subject || message.text}`;
  };

  const watch = async () => {
    const { signal } = (waiting = new AbortController());
    while (!signal.aborted) {
      try {
        await waitForMail(signal);
      } catch (error) {
        if (signal.aborted) return;
        await new Promise((resume) => setTimeout(resume, 2000)); // the server is being restarted
      }
    }
  };

  // A hidden page holds no connection.
  const follow = () => {
    waiting?.abort();
    if (!document.hidden) watch();
  };

  document.addEventListener("visibilitychange", follow);
  window.addEventListener("pagehide", () => waiting?.abort());
  localTimes();
  follow();
})();
