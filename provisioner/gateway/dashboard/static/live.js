// Asks now and then whether something happened, and then puts the new parts of the page in place.
"use strict";

(() => {
  const EVERY = 5000;
  const live = document.getElementById("live");
  const control = document.getElementById("live-control");
  const state = document.getElementById("live-state");
  const toggle = document.getElementById("live-toggle");
  if (!live || !control || !state || !toggle) return;

  let version = live.dataset.version;
  let paused = false;
  let pause = EVERY;
  let timer = 0;

  const say = (text) => {
    if (state.textContent !== text) state.textContent = text;
  };

  // What the reader has in hand stays as it is.
  const busy = () => {
    const selection = document.getSelection();
    return document.hidden || Boolean(selection && !selection.isCollapsed && live.contains(selection.anchorNode));
  };

  const keepPlace = (before, after) => {
    for (const one of before.querySelectorAll("details[open][id]")) {
      const same = after.querySelector(`#${CSS.escape(one.id)}`);
      if (same) same.open = true;
    }
    const scrolled = [...before.querySelectorAll("[id]")].filter((one) => one.scrollLeft);
    const places = scrolled.map((one) => [one.id, one.scrollLeft]);
    const focused = before.contains(document.activeElement) ? document.activeElement : null;
    return () => {
      for (const [id, left] of places) {
        const same = document.getElementById(id);
        if (same) same.scrollLeft = left;
      }
      if (!focused) return;
      const candidates = [...after.querySelectorAll("a[href], summary, [tabindex]")];
      const same = candidates.find((one) =>
        focused.id ? one.id === focused.id
          : one.tagName === focused.tagName && one.getAttribute("href") === focused.getAttribute("href")
            && one.parentElement.id === focused.parentElement.id);
      (same || document.getElementById("content")).focus({ preventScroll: true });
    };
  };

  const swap = (before, after) => {
    const restore = keepPlace(before, after);
    before.replaceWith(after);
    restore();
  };

  const source = new Map();
  const remember = (parts) => {
    source.clear();
    for (const part of parts) source.set(part.id, part.outerHTML);
  };

  const show = (page) => {
    const there = [...live.querySelectorAll(":scope section[id]")];
    const come = [...page.querySelectorAll(":scope section[id]")];
    const written = come.map((part) => part.outerHTML);
    const same = there.length === come.length && there.every((part, at) => part.id === come[at].id);
    if (same) {
      come.forEach((part, at) => {
        if (source.get(part.id) !== written[at]) swap(there[at], document.adoptNode(part));
      });
    } else {
      const all = document.createElement("div");
      all.append(...[...page.childNodes].map((part) => document.adoptNode(part)));
      const restore = keepPlace(live, all);
      live.replaceChildren(...all.childNodes);
      restore();
    }
    source.clear();
    come.forEach((part, at) => source.set(part.id, written[at]));
  };

  const ask = async () => {
    const answer = await fetch("/ui/live", { cache: "no-store", credentials: "same-origin" });
    if (answer.status === 401) {
      // The login is over: what comes now is the form.
      location.reload();
      return;
    }
    if (!answer.ok) throw new Error("no answer");
    const now = await answer.text();
    if (now !== version && !busy()) {
      const began = performance.now();
      const page = await fetch(location.href, { cache: "no-store", credentials: "same-origin" });
      if (!page.ok) throw new Error("no page");
      const fresh = new DOMParser().parseFromString(await page.text(), "text/html").getElementById("live");
      if (!fresh) throw new Error("no page");
      show(fresh);
      version = fresh.dataset.version;
      // A large page is asked for less often.
      pause = Math.max(EVERY, 10 * (performance.now() - began));
    }
    say("Updates by itself");
  };

  const turn = async () => {
    try {
      if (!document.hidden) await ask();
    } catch {
      say("The gateway does not answer; trying again");
    }
    if (!paused) timer = setTimeout(turn, pause);
  };

  toggle.addEventListener("click", () => {
    paused = !paused;
    toggle.textContent = paused ? "Resume updates" : "Pause updates";
    clearTimeout(timer);
    if (paused) say("Updates are paused");
    else turn();
  });

  remember(live.querySelectorAll(":scope section[id]"));
  control.hidden = false;
  say("Updates by itself");
  timer = setTimeout(turn, EVERY);
})();
