// Saves a form while it is filled in, shows what is asked by the answers so far, and finds codes
// while somebody types. Every page works without this file.
"use strict";
(() => {
  const form = document.querySelector("form[data-form]");
  if (!form) return;
  const told = document.querySelector("[data-saved]");
  const version = form.elements.namedItem("version");
  let changed = false, busy = false, timer = 0, stopped = false;

  const send = async (extra, leaving) => {
    const body = new URLSearchParams(new FormData(form));
    for (const [name, value] of extra) body.append(name, value);
    // A browser sends no more than this behind a page that is left.
    const keepalive = leaving && body.toString().length < 60000;
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, credentials: "same-origin", redirect: "error", keepalive });
    if (!answer.ok && answer.status !== 409) throw new Error("refused");
    return answer.json();
  };

  const show = (state) => {
    const shown = new Set(state.shown);
    for (const part of form.querySelectorAll("[data-place]")) {
      part.hidden = !shown.has(part.dataset.place);
      if (part.tagName === "FIELDSET") part.disabled = part.hidden;
    }
    for (const [place, text] of state.locked) {
      for (const output of form.querySelectorAll("[data-locked]")) if (output.dataset.locked === place) output.textContent = text;
    }
  };

  const save = async (leaving = false) => {
    clearTimeout(timer);
    // What is typed while a slow save is on its way is saved after it.
    timer = 0;
    if (!changed || busy || stopped) return;
    busy = true;
    changed = false;
    told.textContent = form.dataset.saving;
    try {
      const state = await send([["act", "save"], ["auto", "1"]], leaving);
      if (state.conflict) {
        stopped = true;
        told.textContent = form.dataset.conflict;
      } else {
        version.value = state.version;
        show(state);
        told.textContent = state.said;
      }
    } catch {
      changed = true;
      told.textContent = form.dataset.failed;
      timer = setTimeout(save, 10000, false);
    }
    busy = false;
    if (changed && !timer) timer = setTimeout(save, 1000);
  };

  const later = (soon) => {
    changed = true;
    clearTimeout(timer);
    timer = setTimeout(save, soon ? 400 : 3000);
  };
  form.addEventListener("input", (event) => { if (!event.target.dataset.finds) later(false); });
  form.addEventListener("change", (event) => { if (!event.target.dataset.finds) later(true); });
  // Whoever changes the language or goes elsewhere right after a word leaves nothing behind.
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") save(true); });
  // A button sends the form itself; a save that is on its way would make it look like somebody else's.
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    stopped = true;
    if (busy) {
      event.preventDefault();
      const button = event.submitter;
      const wait = setInterval(() => { if (!busy) { clearInterval(wait); form.requestSubmit(button); } }, 50);
    }
  });

  for (const input of form.querySelectorAll("[data-finds]")) {
    const place = input.dataset.finds;
    const of = (name) => Array.from(form.querySelectorAll(`[data-${name}]`)).find((part) => part.dataset[name] === place);
    const offers = of("offers"), said = of("told");
    let asked = 0, wait = 0;
    const find = async () => {
      const turn = ++asked;
      if (input.value.trim().length < 2) return;
      try {
        const state = await send([["act", `search~${place}`], ["auto", "1"]]);
        if (turn !== asked) return;
        for (const label of Array.from(offers.children)) if (!label.querySelector("input:checked")) label.remove();
        const kept = new Set(Array.from(offers.querySelectorAll("input"), (one) => one.value));
        for (const [value, text] of state.found) {
          if (kept.has(value)) continue;
          const label = document.createElement("label"), choice = document.createElement("input");
          choice.type = input.dataset.many;
          choice.name = `a:${place}`;
          choice.value = value;
          label.append(choice, ` ${text}`);
          offers.append(label);
        }
        said.textContent = state.said;
      } catch { /* the button finds it too */ }
    };
    input.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(find, 250); });
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); find(); } });
  }
})();
