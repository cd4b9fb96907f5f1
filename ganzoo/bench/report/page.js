"use strict";
const slider = document.getElementById("time");
if (slider) {
  const stops = JSON.parse(slider.dataset.kimg);
  const output = document.getElementById("kimg");
  const play = document.getElementById("play");
  const show = () => {
    const now = stops[Number(slider.value)];
    output.textContent = now + " kimg";
    for (const frames of document.querySelectorAll(".frames")) {
      const all = [...frames.querySelectorAll("[data-kimg]")];
      const seen = all.filter((each) => Number(each.dataset.kimg) <= now);
      const shown = seen.length ? seen[seen.length - 1] : all[0];
      for (const each of all) each.hidden = each !== shown;
    }
  };
  let timer = 0;
  const stop = () => { clearInterval(timer); timer = 0; play.textContent = "Play"; };
  const step = () => {
    slider.value = Number(slider.value) + 1;
    show();
    if (Number(slider.value) >= stops.length - 1) stop();
  };
  play.addEventListener("click", () => {
    if (timer) { stop(); return; }
    if (Number(slider.value) >= stops.length - 1) { slider.value = 0; show(); }
    play.textContent = "Pause";
    timer = setInterval(step, 500);
  });
  slider.addEventListener("input", () => { stop(); show(); });
  show();
}
