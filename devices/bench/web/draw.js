// How each kind of device is drawn: drawers[kind](card, what it shows). Each draws only what has changed.
"use strict";
const texts = JSON.parse(document.body.dataset.texts);
const drawers = (() => {
  const MOST_CODES = 4;
  const find = (card, what) => card.querySelector(what);
  const last = new WeakMap(); // card -> what was drawn last

  const make = (tag, attributes = {}, ...inside) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...inside);
    return element;
  };
  const empty = (tag, key) => make(tag, { class: "empty" }, texts[key]);
  const at = (card, path) => `/devices/${encodeURIComponent(card.dataset.id)}/${path}`;

  // Whether `key` is new on this card; -> what was there before, undefined the first time.
  function fresh(card, key) {
    const before = last.get(card);
    last.set(card, key);
    return [key !== before, before];
  }

  function printer(card, shown) {
    find(card, "[data-do=take]").disabled = !shown.presented;
    card.classList.toggle("bare", !shown.papers.length);
    const [isNew, before] = fresh(card, shown.papers.map((p) => p.n + (p.taken ? "t" : "")).join());
    if (!isNew) return;
    const box = find(card, ".papers");
    if (!shown.papers.length) return box.replaceChildren(empty("p", "no_paper_yet"));
    const known = before === undefined ? Infinity : before ? parseInt(before, 10) : 0;
    box.replaceChildren(
      ...shown.papers.map((paper, i) => {
        const look = (i ? "old" : "") + (paper.taken ? " taken" : "") + (paper.n > known ? " new" : "");
        const image = make("img", { src: at(card, `paper/${paper.n}.png`), alt: "", "data-large": "" });
        return make("figure", { class: look }, make("div", { class: "strip" }, image),
          make("figcaption", {}, make("b", {}, "#" + paper.n), ` ${paper.taken ? texts.taken : ""} `,
            make("a", { href: at(card, `paper/${paper.n}.escpos`) }, `${paper.bytes} ${texts.bytes}`)));
      }),
    );
    box.scrollLeft = 0;
  }

  function signs(card, shown) {
    const box = find(card, ".panels");
    if (fresh(card, shown.map((s) => s.address).join())[0]) {
      box.replaceChildren(...shown.map((s) => make("div", {}, make("b", {}, String(s.address)), make("img", { alt: "" }))));
      if (!shown.length) box.replaceChildren(empty("p", "no_sign_yet"));
    }
    shown.forEach((sign, i) => {
      const image = box.children[i].querySelector("img");
      image.alt = sign.text;
      const next = new Image();
      next.onload = () => { image.src = next.src; };
      const key = sign.moving ? Date.now() : encodeURIComponent(sign.text + sign.off);
      if (image.dataset.key !== String(key)) {
        image.dataset.key = key;
        next.src = at(card, `sign/${sign.address}.png?${key}`);
      }
    });
  }

  function speaker(card, shown) {
    const [isNew, before] = fresh(card, shown.map((s) => s.n).join());
    if (!isNew) return;
    const first = before === undefined;
    const box = find(card, ".sounds");
    if (!shown.length) return box.replaceChildren(empty("li", "no_sound_yet"));
    box.replaceChildren(
      ...shown.map((sound, i) =>
        make("li", !first && i === 0 ? { class: "new" } : {},
          make("button", { type: "button", "data-play": at(card, `sound/${sound.n}.wav`), "aria-label": "▶" }, "▶"),
          make("span", {}, sound.text), make("small", {}, `${sound.seconds} s`)),
      ),
    );
    if (!first && find(card, ".aloud input").checked) box.querySelector("[data-play]").click();
  }

  const press = (address, key, name, title = "") =>
    make("button", { type: "button", "data-do": "press", "data-args": JSON.stringify({ address, key }), title }, name);
  // "1 号窗口", "Counter 1"; the pad's address when no counter has it
  const counter = (pad) => make("b", { title: `${pad.address}` }, pad.counter === null ? `#${pad.address}` :
    document.documentElement.lang === "en" ? `${texts.counter} ${pad.counter}` : `${pad.counter} ${texts.counter}`);

  function pads(card, shown, one, update) {
    const box = find(card, ".pads");
    if (fresh(card, shown.map((p) => `${p.counter}:${p.address}`).join())[0])
      box.replaceChildren(...(shown.length ? shown.map(one) : [empty("p", "no_pad_yet")]));
    shown.forEach((pad, i) => {
      box.children[i].classList.toggle("off", pad.off);
      update(pad, box.children[i]);
    });
  }

  function keypads(card, shown) {
    pads(card, shown,
      (pad) => make("div", { class: "pad" },
        make("div", { class: "top" }, counter(pad), make("output", {}, make("strong"), make("small"))),
        make("div", { class: "keys" }, ...pad.keys.map((key) => press(pad.address, key, texts[`key.${key}`] || key)))),
      (pad, box) => {
        find(box, "strong").textContent = pad.off ? texts.off : pad.text.trim() || "----";
        find(box, "small").textContent = pad.off ? "" : `${texts.waiting} ${pad.waiting}`;
      });
  }

  function ratings(card, shown) {
    pads(card, shown,
      (pad) => make("div", { class: "pad rating" }, counter(pad), make("output", {}),
        make("div", { class: "scores" }, ...[...pad.keys].sort().map((key) => press(pad.address, key, key)))),
      (pad, box) => {
        box.classList.toggle("invited", pad.invited && !pad.off);
        find(box, "output").textContent = pad.off ? texts.off : pad.invited ? texts.invited : texts.idle;
      });
  }

  function scanner(card, shown) {
    if (!fresh(card, JSON.stringify(shown.scanned))[0]) return;
    const codes = shown.scanned.slice(-MOST_CODES).reverse().map((code) => make("li", {}, code));
    find(card, ".codes").replaceChildren(...(codes.length ? codes : [empty("li", "no_scan_yet")]));
  }

  function idcard(card, shown) {
    find(card, "[data-lies]").textContent =
      `${shown.card ? texts.card_here : texts.no_card} · ${texts.reads} ${shown.reads}`;
    find(card, "[data-do=take]").disabled = !shown.card;
    for (const one of card.querySelectorAll("[data-card]"))
      one.classList.toggle("lies", one.dataset.card === shown.laid);
  }

  function camera(card, shown) {
    if (!fresh(card, String(shown.pictures))[0]) return;
    const box = find(card, ".photo");
    if (!shown.pictures) return box.replaceChildren(empty("p", "no_photo_yet"));
    box.replaceChildren(make("img", { src: at(card, `photo.jpg?${shown.pictures}`), alt: "" }),
      make("figcaption", {}, `${shown.pictures} ${texts.pictures}`));
  }

  function contact(card, shown) {
    for (const button of card.querySelectorAll("[data-input]")) {
      const active = Boolean(shown.inputs[button.dataset.input]);
      const words = button.dataset.means === "button" ? ["released", "pressed"] : ["closed", "open"];
      button.setAttribute("aria-pressed", String(active));
      find(button, "span").textContent = texts[words[Number(active)]];
    }
  }

  function bus(card, shown) {
    if (!fresh(card, JSON.stringify(shown))[0]) return;
    const here = (yes) => texts[yes ? "connected" : "away"];
    const name = (where) => {
      const member = document.querySelector(`[data-where="${where}"]`);
      return member ? member.dataset.id : where;
    };
    const rows = [[texts.host, here(shown.host)],
      ...Object.entries(shown.members).map(([where, there]) => [name(where), here(there)]),
      [texts.to_devices, `${shown.to_devices} ${texts.bytes}`], [texts.to_host, `${shown.to_host} ${texts.bytes}`]];
    find(card, ".members").replaceChildren(...rows.map(([what, value]) => make("li", {}, make("b", {}, what), value)));
  }

  function other(card, shown) {
    const text = JSON.stringify(shown, null, 1);
    if (fresh(card, text)[0]) find(card, ".other").textContent = text;
  }

  return { printer, signs, speaker, keypads, ratings, scanner, idcard, camera, contact, bus, other };
})();
