// Keys for those who want them. Every page works without this file.
// Letters are told by their place on the keyboard (event.code): on a Russian layout "g" arrives as "п".
"use strict";
(() => {
  const off = "carnet-keys-off";
  const remembers = () => { try { return localStorage.getItem(off) === "1"; } catch { return false; } };
  const remember = (value) => { try { localStorage.setItem(off, value ? "1" : "0"); } catch { /* private windows forget */ } };
  const keys = document.getElementById("keys");
  const root = document.documentElement;
  let waiting = 0;

  const show = () => root.classList.toggle("keys-on", keys !== null && !remembers());
  show();

  // A result page came by POST; going back to it must not ask to send the form again.
  if (location.pathname === "/find") history.replaceState(null, "", "/find");

  for (const button of document.querySelectorAll("[data-opens]")) {
    button.hidden = false;
    button.addEventListener("click", () => keys.showModal());
  }
  for (const button of document.querySelectorAll("[data-closes]")) button.addEventListener("click", () => keys.close());
  for (const button of document.querySelectorAll("[data-toggles]")) {
    const name = () => { button.textContent = remembers() ? button.dataset.on : button.dataset.off; };
    name();
    button.addEventListener("click", () => { remember(!remembers()); name(); show(); });
  }

  const writes = (target) => target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || writes(event.target) || keys === null || keys.open || remembers()) return;
    const search = document.querySelector("input[type=search]");
    if (waiting > Date.now() && !event.shiftKey) {
      waiting = 0;
      const link = document.querySelector(`[data-letter="${event.code}"]`);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    if (event.key === "?") { event.preventDefault(); keys.showModal(); return; }
    if (event.key === "/" || (event.code === "Slash" && !event.shiftKey)) {
      if (search) { event.preventDefault(); search.focus(); search.select(); }
      return;
    }
    if (event.code === "KeyG" && !event.shiftKey) waiting = Date.now() + 1500;
  });
})();
