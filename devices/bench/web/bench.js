// The bench: looks twice a second, draws only what is new, and passes presses on.
"use strict";
(() => {
  const LOOK_MS = 500;
  const SCREEN_MS = 1000;
  const $ = (id) => document.getElementById(id);
  let papers = null;
  let cut = -1;
  let sounds = null;
  let heard = -1;
  let playing = null;

  const make = (tag, attributes = {}, ...inside) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...inside);
    return element;
  };

  async function look() {
    try {
      const answer = await fetch("/state?lang=" + (document.documentElement.lang === "en" ? "en" : "zh"));
      if (!answer.ok) throw new Error(String(answer.status));
      draw(await answer.json());
      $("lost").hidden = true;
    } catch {
      $("lost").hidden = false;
    }
    setTimeout(look, LOOK_MS);
  }

  function draw(state) {
    for (const device of state.devices) lamp(device);
    if (state.printer) drawPapers(state.printer);
    if (state.signs) drawPanels(state.signs);
    if (state.speaker) drawSounds(state.speaker);
  }

  function lamp(device) {
    const on = new Set(device.active);
    const box = document.querySelector(`[data-lamp="${device.kind}"]`);
    if (!box) return;
    box.textContent = device.state;
    box.classList.toggle("bad", on.size > 0);
    for (const button of document.querySelectorAll(`[data-device="${device.kind}"][data-fault]`))
      button.setAttribute("aria-pressed", String(button.dataset.fault !== "" && on.has(button.dataset.fault)));
  }

  function drawPapers(printer) {
    $("take").disabled = !printer.presented;
    const key = printer.papers.map((p) => p.n + (p.taken ? "t" : "")).join();
    if (key === papers) return;
    const first = printer.papers.length ? printer.papers[0].n : -1;
    const newest = papers !== null && first > cut ? first : -1;
    papers = key;
    cut = first;
    const box = $("papers");
    if (!printer.papers.length) return box.replaceChildren(make("p", { class: "empty" }, box.dataset.empty));
    box.replaceChildren(
      ...printer.papers.map((paper, i) => {
        const look = (i ? "old" : "") + (paper.taken ? " taken" : "") + (paper.n === newest ? " new" : "");
        const image = make("img", { src: `/paper/${paper.n}.png`, alt: "", "data-large": "" });
        return make("figure", { class: look }, make("div", { class: "strip" }, image),
          make("figcaption", {}, make("b", {}, "#" + paper.n), ` ${paper.taken ? box.dataset.taken : ""} `,
            make("a", { href: `/paper/${paper.n}.escpos` }, `${paper.bytes} ${box.dataset.bytes}`)));
      }),
    );
    box.scrollLeft = 0;
  }

  function drawPanels(signs) {
    const box = $("panels");
    if (box.children.length !== signs.length) {
      box.replaceChildren(...signs.map((s) => make("div", {}, make("b", {}, String(s.address)), make("img", { alt: "" }))));
    }
    signs.forEach((sign, i) => {
      const image = box.children[i].querySelector("img");
      image.alt = sign.text;
      const next = new Image();
      next.onload = () => { image.src = next.src; };
      const key = sign.moving ? Date.now() : encodeURIComponent(sign.text + sign.off);
      if (image.dataset.key !== String(key)) {
        image.dataset.key = key;
        next.src = `/sign/${sign.address}.png?${key}`;
      }
    });
  }

  function drawSounds(list) {
    const key = list.map((s) => s.n).join();
    if (key === sounds) return;
    const first = sounds === null;
    sounds = key;
    const box = $("sounds");
    if (!list.length) return box.replaceChildren(make("li", { class: "empty" }, box.dataset.empty));
    box.replaceChildren(
      ...list.map((sound, i) =>
        make("li", !first && i === 0 ? { class: "new" } : {},
          make("button", { type: "button", "data-play": sound.n, "aria-label": "▶" }, "▶"),
          make("span", {}, sound.text), make("small", {}, `${sound.seconds} s`)),
      ),
    );
    if (!first && $("aloud").checked && list[0].n > heard) play(list[0].n);
    heard = list[0].n;
  }

  function play(n) {
    if (playing) playing.pause();
    playing = new Audio(`/sound/${n}.wav`);
    playing.play().catch(() => {}); // a browser that forbids sound before a touch; the button remains
  }

  const post = (path, body) =>
    fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

  document.addEventListener("click", (event) => {
    const at = event.target;
    const fault = at.closest("[data-fault]");
    if (fault) {
      const on = fault.getAttribute("aria-pressed") === "true";
      post("/fault", { device: fault.dataset.device, fault: fault.dataset.fault, on: !on });
    }
    if (at.closest("#take")) post("/take-paper", {});
    const sound = at.closest("[data-play]");
    if (sound) play(Number(sound.dataset.play));
    if (at.matches("[data-large]")) {
      $("large").querySelector("img").src = at.src;
      $("large").showModal();
    }
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
