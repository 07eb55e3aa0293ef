// Keeps a page true: whatever has `data-live="URL"` is fetched again when the hall changes (server-sent events), after
// every reconnection, and by a watchdog. Events may be lost with a restart of the station; the watchdog may not.
"use strict";
(() => {
  const RETRY_MS = 2000; // a restarted station is seen again within this
  const WATCHDOG_MS = 10000; // with events working: fetch at least this often, silence proves nothing
  const GAP_MS = 120; // several events of one action become one fetch
  const DEADLINE_MS = 8000;

  let source = null;
  let timer = 0;
  let failures = 0;
  let posting = 0; // presses on their way: their answer is newer than any fetch
  let fetching = false;
  let again = false;
  let last = 0;

  const target = () => document.querySelector("[data-live]");
  const offline = (yes) => {
    const bar = document.getElementById("offline");
    if (bar) bar.hidden = !yes;
  };

  async function refresh() {
    if (posting || fetching) {
      again = true;
      return;
    }
    const box = target();
    if (!box) return;
    fetching = true;
    again = false;
    const stop = new AbortController();
    const deadline = setTimeout(() => stop.abort(), DEADLINE_MS);
    try {
      const answer = await fetch(box.dataset.live, { signal: stop.signal });
      if (answer.redirected) return window.location.reload(); // to the log-in: this browser is nobody any more
      if (!answer.ok) throw new Error(String(answer.status));
      const html = await answer.text();
      if (!posting) swap(box, html);
      else again = true;
      failures = 0;
      last = Date.now();
      offline(false);
    } catch {
      failures += 1;
      if (failures > 1) offline(true); // one miss is a restart; two are news
    } finally {
      clearTimeout(deadline);
      fetching = false;
      if (again || failures) soon(failures ? RETRY_MS : GAP_MS);
    }
  }

  function swap(box, html) {
    const parsed = new DOMParser().parseFromString(html, "text/html");
    const fresh = parsed.body.firstElementChild;
    if (!fresh) return;
    if (fresh.dataset.release && box.dataset.release && fresh.dataset.release !== box.dataset.release) {
      window.location.reload(); // the station was upgraded under a page that stays open for weeks
      return;
    }
    if (fresh.outerHTML === box.dataset.drawn) return;
    keep(box, fresh);
    const focus = document.activeElement && document.activeElement.id;
    const drawn = fresh.outerHTML;
    box.replaceWith(document.adoptNode(fresh));
    fresh.dataset.drawn = drawn;
    if (window.htmx) window.htmx.process(fresh);
    if (focus) {
      const found = document.getElementById(focus);
      if (found) found.focus();
    }
    document.dispatchEvent(new CustomEvent("yitai:drawn"));
  }

  // What a press was answered stays readable for a while, and what a person has unfolded stays unfolded.
  function keep(box, fresh) {
    for (const old of box.querySelectorAll("[data-keep]:not([hidden])")) {
      if (!old.dataset.since) old.dataset.since = String(Date.now());
      const place = fresh.querySelector("#" + old.id);
      if (place && place.hidden && Date.now() - Number(old.dataset.since) < Number(old.dataset.keep)) place.replaceWith(old);
    }
    for (const open of box.querySelectorAll("details[open][id]")) {
      const place = fresh.querySelector("#" + open.id);
      if (place) place.open = true;
    }
  }

  function soon(ms) {
    clearTimeout(timer);
    timer = setTimeout(refresh, ms);
  }

  function connect() {
    if (source) source.close();
    source = new EventSource("/events");
    source.onopen = () => soon(0);
    for (const name of ["hall", "call", "job"]) source.addEventListener(name, () => soon(GAP_MS));
    source.onerror = () => {
      soon(RETRY_MS);
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, RETRY_MS);
    };
  }

  document.addEventListener("htmx:beforeRequest", () => { posting += 1; });
  document.addEventListener("htmx:afterRequest", () => {
    posting = Math.max(0, posting - 1);
    if (again && !posting) soon(GAP_MS);
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) soon(0); });
  window.addEventListener("pageshow", (event) => { if (event.persisted) soon(0); });
  setInterval(() => { if (Date.now() - last > WATCHDOG_MS) refresh(); }, 2500);
  last = Date.now();
  connect();
})();
