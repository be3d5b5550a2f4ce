// Tabs as the ARIA practices have them: arrow keys move, one tab stop, the panel follows.
export class Tabs {
  constructor(list, changed) {
    this.tabs = [...list.querySelectorAll("[role=tab]")];
    this.changed = changed;
    this.tabs.forEach((tab, k) => {
      tab.addEventListener("click", () => this.show(tab.dataset.tab));
      tab.addEventListener("keydown", (event) => {
        const move = { ArrowRight: 1, ArrowLeft: -1, Home: -k, End: this.tabs.length - 1 - k }[event.key];
        if (move === undefined) return;
        event.preventDefault();
        const shown = this.tabs.filter((one) => !one.hidden), next = shown[(shown.indexOf(tab) + move + shown.length) % shown.length];
        next.focus();
        this.show(next.dataset.tab);
      });
    });
  }

  show(name) {
    this.name = name;
    for (const tab of this.tabs) {
      const on = tab.dataset.tab === name;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !on;
    }
    this.changed?.(name);
  }
}
