// Light or dark: what the system asks for until somebody chooses. Runs before the first paint, so it is no module.
"use strict";
(() => {
  const root = document.documentElement, system = matchMedia("(prefers-color-scheme: dark)");
  let stored = null;
  try { stored = localStorage.getItem("counterpulse.theme"); } catch { /* storage may be forbidden */ }
  const show = () => {
    root.dataset.theme = stored || (system.matches ? "dark" : "light");
    dispatchEvent(new Event("theme"));
  };
  show();
  system.addEventListener("change", show);
  addEventListener("click", (event) => {
    if (!event.target.closest?.("#theme")) return;
    stored = root.dataset.theme === "dark" ? "light" : "dark";
    try { localStorage.setItem("counterpulse.theme", stored); } catch { /* the choice then holds for this page */ }
    show();
  });
})();
