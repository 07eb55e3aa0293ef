// The board's clock: the station's time, carried on by this TV's own ticking, whose clock may be wrong.
"use strict";
(() => {
  let base = 0;
  let since = 0;
  const two = (n) => String(n).padStart(2, "0");
  function anchor() {
    const clock = document.querySelector("[data-now]");
    base = Number(clock.dataset.now) + Number(clock.dataset.offset) * 60000;
    since = performance.now();
    tick();
  }
  function tick() {
    const clock = document.querySelector("[data-now]");
    const now = new Date(base + performance.now() - since);
    if (clock) clock.textContent = `${two(now.getUTCHours())}:${two(now.getUTCMinutes())}`;
  }
  document.addEventListener("yitai:drawn", anchor);
  anchor();
  setInterval(tick, 1000);
})();
