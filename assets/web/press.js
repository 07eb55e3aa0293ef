// Presses: one Idempotency-Key for each, nothing pressable while one is on its way, keys of the keyboard, dialogs.
"use strict";
(() => {
  const newKey = () => {
    // crypto.randomUUID needs https; the hall's LAN is plain http.
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  };
  let unsure = null; // a press nobody answered: pressed again, it keeps its key and so happens once

  const say = (text) => {
    const box = document.getElementById("said");
    if (!box) return;
    box.textContent = text;
    box.hidden = !text;
  };
  const lock = (yes) => document.body.classList.toggle("busy", yes);

  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb === "get") return;
    const same = unsure && unsure.path === event.detail.path && unsure.body === body(event.detail.parameters);
    const key = same ? unsure.key : newKey();
    event.detail.headers["Idempotency-Key"] = key;
    unsure = { path: event.detail.path, body: body(event.detail.parameters), key };
  });
  const body = (parameters) => {
    const entries = parameters instanceof FormData ? [...parameters.entries()] : Object.entries(parameters);
    return JSON.stringify(entries.filter(([name]) => name !== "key"));
  };

  document.addEventListener("htmx:beforeRequest", () => { lock(true); say(""); });
  document.addEventListener("htmx:afterRequest", (event) => {
    lock(false);
    const status = event.detail.xhr ? event.detail.xhr.status : 0;
    if (status >= 200 && status < 500) unsure = null;
    if (status >= 500 || status === 0) say(document.body.dataset.unanswered || "");
    document.querySelectorAll("dialog[open]").forEach((d) => d.close());
  });
  document.addEventListener("htmx:afterSettle", () => document.dispatchEvent(new CustomEvent("yitai:drawn")));

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) {
      event.preventDefault();
      if (opener.getAttribute("aria-disabled") === "true") return;
      const dialog = document.getElementById(opener.dataset.dialog);
      if (dialog && !dialog.open) {
        dialog.querySelector("form")?.reset();
        onlyOpen(dialog);
        dialog.showModal();
      }
    }
    const closer = event.target.closest("[data-close]");
    if (closer) {
      event.preventDefault();
      closer.closest("dialog")?.close();
    }
    const digit = event.target.closest("[data-digit]");
    if (digit) pad(digit.dataset.digit);
  });

  // A transfer goes to a service or to a counter: choosing in one list clears the other.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-either]");
    if (!form || event.target.type !== "radio") return;
    form.querySelectorAll("input[type=radio]").forEach((other) => {
      if (other.name !== event.target.name) other.checked = false;
    });
  });

  // Nobody is sent to a counter that is closed.
  function onlyOpen(dialog) {
    const open = (document.getElementById("now")?.dataset.open || "").split(" ");
    for (const choice of dialog.querySelectorAll("input[name=to_counter]")) choice.disabled = !open.includes(choice.value);
  }

  function pad(digit) {
    const pin = document.getElementById("pin");
    if (!pin) return;
    if (digit === "clear") pin.value = "";
    else if (digit === "back") pin.value = pin.value.slice(0, -1);
    else if (pin.value.length < 8) pin.value += digit;
  }
  document.addEventListener("keydown", (event) => {
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    const at = event.target;
    if (at instanceof Element && at.closest("input:not([type=radio]), select, textarea")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : "";
    if (!/^[a-z]$/.test(key) || document.body.classList.contains("busy")) return;
    const button = document.querySelector(`[data-key="${key}"]`);
    if (!button || button.disabled || button.getAttribute("aria-disabled") === "true") return;
    event.preventDefault();
    button.click();
  });
})();
