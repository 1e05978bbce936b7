// The desk's own script: lights up the words a field rests on, plays from there, and tells of news.
"use strict";

const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
const lines = all(".line");

function overlaps(element, start, end) {
  return Number(element.dataset.start) < end && Number(element.dataset.end) > start;
}

function light(field) {
  dim();
  let first = null;
  for (const [leg, start, end] of JSON.parse(field.dataset.spans)) {
    for (const line of lines) {
      if (line.dataset.leg !== leg || !overlaps(line, start, end)) continue;
      line.classList.add("lit");
      first ??= line;
      for (const word of all(".w", line)) if (overlaps(word, start, end)) word.classList.add("lit");
    }
  }
  return first;
}

function dim() {
  for (const lit of all(".lit")) lit.classList.remove("lit");
}

/** Scroll the transcript itself, never the page under the reader's hands. */
function show(line) {
  const box = line.closest(".said");
  if (box.scrollHeight <= box.clientHeight) return;
  const top = line.offsetTop - box.offsetTop;
  const player = box.querySelector(".player");
  const hidden = player ? player.offsetHeight : 0;
  if (top < box.scrollTop + hidden || top > box.scrollTop + box.clientHeight - line.offsetHeight) {
    box.scrollTop = top - hidden - box.clientHeight / 3;
  }
}

for (const field of all(".field")) {
  field.addEventListener("focusin", () => { const line = light(field); if (line) show(line); });
  field.addEventListener("focusout", dim);
  field.addEventListener("mouseenter", () => light(field));
  field.addEventListener("mouseleave", () => {
    const focused = document.activeElement && document.activeElement.closest(".field");
    if (focused) light(focused); else dim();
  });
}

const audio = document.querySelector("audio");

function play(seconds) {
  if (!audio) return;
  const start = () => { audio.currentTime = seconds; audio.play(); };
  if (audio.readyState >= 1) { start(); return; }
  audio.addEventListener("loadedmetadata", start, { once: true });
  audio.load();
}

for (const button of all("[data-play]")) {
  button.addEventListener("click", () => play(Math.max(0, Number(button.dataset.play) - 0.2)));
}
if (audio) {
  audio.addEventListener("timeupdate", () => {
    for (const line of lines) {
      line.classList.toggle("now", !audio.paused && overlaps(line, audio.currentTime, audio.currentTime + 0.01));
    }
  });
}

for (const button of all("[data-fill]")) {
  button.addEventListener("click", () => {
    const field = document.getElementById(button.dataset.fill);
    const value = button.dataset.value;
    if (field.tagName === "SELECT" && !all("option", field).some((option) => option.value === value)) {
      field.add(new Option(button.querySelector("b").textContent, value));
    }
    field.value = value;
    field.focus();
  });
}

const draft = document.getElementById("draft");
if (draft) {
  let sending = false;
  const written = () => all("input, select, textarea", draft).map((field) => field.value).join("\u0000");
  const before = written();
  draft.addEventListener("submit", () => { sending = true; });
  addEventListener("beforeunload", (event) => { if (!sending && written() !== before) event.preventDefault(); });
}

const watched = document.querySelector("[data-watch]");
if (watched && !location.search.includes("before=")) {
  const shown = all("[data-version]").map((row) => row.dataset.version).join();
  const look = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(watched.dataset.watch);
      if (!answer.ok) return;
      const found = (await answer.json()).drafts.map((each) => `${each.call}:${each.version}`).join();
      document.getElementById("news").hidden = found === shown;
    } catch {
      // The desk is away for a moment: the next look tells.
    }
  };
  setInterval(look, 5000);
}
