// The bench: looks twice a second, has the drawers draw what is new, and passes presses on.
"use strict";
(() => {
  const LOOK_MS = 500;
  const SCREEN_MS = 1000;
  const PRESS_MS = 300; // how long a button of the hall is held down
  const $ = (id) => document.getElementById(id);
  const cards = new Map([...document.querySelectorAll("[data-id]")].map((card) => [card.dataset.id, card]));
  const lang = document.documentElement.lang === "en" ? "en" : "zh";
  let playing = null;

  async function look() {
    try {
      const answer = await fetch("/state?lang=" + lang);
      if (!answer.ok) throw new Error(String(answer.status));
      draw(await answer.json());
      $("lost").hidden = true;
    } catch {
      $("lost").hidden = false;
    }
    setTimeout(look, LOOK_MS);
  }

  function draw(state) {
    for (const device of state.devices) {
      const card = cards.get(device.id);
      if (!card) continue;
      card.dataset.where = device.where;
      lamp(card, device);
      drawers[card.dataset.kind](card, device.shown);
    }
  }

  function lamp(card, device) {
    const on = new Set(device.active);
    const box = card.querySelector(".lamp");
    box.textContent = device.state;
    box.classList.toggle("bad", on.size > 0);
    card.querySelector(".mend").hidden = on.size === 0;
    for (const button of card.querySelectorAll("[data-fault]"))
      if (button.dataset.fault) button.setAttribute("aria-pressed", String(on.has(button.dataset.fault)));
    const fold = card.querySelector("[data-fold]");
    if (fold) fold.classList.toggle("bad", Boolean(card.querySelector('.more [aria-pressed="true"]')));
  }

  function play(path) {
    if (playing) playing.pause();
    playing = new Audio(path);
    playing.play().catch(() => {}); // a browser that forbids sound before a touch; the button remains
  }

  async function post(path, body) {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(`${path}?lang=${lang}`, { method: "POST", headers, body: JSON.stringify(body) });
    const said = await answer.json();
    if (answer.ok) draw(said);
    return answer.ok ? "" : String(said.detail);
  }
  const act = (card, what, args) => post(`/devices/${encodeURIComponent(card.dataset.id)}/do`, { what, args });

  function move(card, button) {
    const name = button.dataset.input;
    if (button.dataset.means !== "button")
      return act(card, "move", { name, active: button.getAttribute("aria-pressed") !== "true" });
    setTimeout(() => act(card, "move", { name, active: false }), PRESS_MS);
    return act(card, "move", { name, active: true });
  }

  function fold(button) {
    const open = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(open));
    button.closest(".card").querySelector(".more").hidden = !open;
  }

  document.addEventListener("click", (event) => {
    const target = event.target;
    const button = target.closest("button");
    const card = target.closest("[data-id]");
    if (target.matches("[data-large]")) {
      $("large").querySelector("img").src = target.src;
      $("large").showModal();
    }
    if (!button || !card) return;
    const { fault, play: sound, args } = button.dataset;
    if (fault !== undefined)
      post("/fault", { device: card.dataset.id, fault, on: button.getAttribute("aria-pressed") !== "true" });
    else if (sound) play(sound);
    else if ("fold" in button.dataset) fold(button);
    else if (button.dataset.input) move(card, button);
    else if (button.dataset.do) act(card, button.dataset.do, args ? JSON.parse(args) : {});
  });

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.dataset.send) return;
    event.preventDefault();
    const card = form.closest("[data-id]");
    const wrong = await act(card, form.dataset.send, { text: form.elements.text.value });
    const note = card.querySelector(".wrong");
    if (note) {
      note.textContent = wrong;
      note.hidden = !wrong;
    }
    if (!wrong) form.reset();
  });

  const screen = $("screen");
  if (screen) {
    const shape = () => {
      if (screen.naturalWidth) screen.parentElement.style.aspectRatio = `${screen.naturalWidth} / ${screen.naturalHeight}`;
    };
    screen.addEventListener("load", shape);
    shape();
    setInterval(() => {
      const next = new Image();
      next.onload = () => { screen.src = next.src; };
      next.src = "/screen.png?" + Date.now();
    }, SCREEN_MS);
  }
  look();
})();
