// What keys do, in one table: it also makes the help. Single keys can be switched off, and none of them acts while somebody types.
import { $, make } from "./element.js";

export class Keys {
  constructor(table) {
    Object.assign(this, { table, on: true });
    addEventListener("keydown", (event) => this.press(event));
    this.help = $("#help");
    this.list = $("#help-keys");
    this.list.replaceChildren(...table.filter((one) => one.does).map((one) => make("tr", {}, make("th", { scope: "row" }, ...one.keys.map((key) => make("kbd", { text: key }))), make("td", { text: one.does }))));
    $("#keys-on").addEventListener("change", (event) => { this.on = event.target.checked; });
    $("#open-help").addEventListener("click", () => this.show());
  }

  show() { if (!this.help.open) this.help.showModal(); else this.help.close(); }

  press(event) {
    const typing = event.target.closest?.("input:not([type=range]):not([type=radio]):not([type=checkbox]), select, textarea, [contenteditable]");
    const name = (event.ctrlKey || event.metaKey ? "Ctrl+" : "") + (event.key.length === 1 ? (event.shiftKey && /[a-z]/i.test(event.key) ? `Shift+${event.key.toUpperCase()}` : event.key.toUpperCase()) : event.key);
    const found = this.table.find((one) => one.keys.includes(name));
    if (!found || (typing && !name.startsWith("Ctrl+")) || event.altKey || (!this.on && name !== "?" && !name.startsWith("Ctrl+"))) return;
    if (this.help.open && name !== "?") return;
    if (found.act(event) !== false) event.preventDefault();
  }
}
