// Two cursors on the frozen traces: time between them, rate, and the difference on each trace. Moved by pointer or arrow keys; told to screen readers.
import { make, number, write } from "./element.js";

export class Calipers {
  constructor(monitor, readout) {
    Object.assign(this, { monitor, readout, at: [0, 0] });
    this.handles = ["A", "B"].map((name, k) => make("div", { class: "cursor", role: "slider", tabindex: "0", "aria-label": `Caliper ${name}, time`, "aria-orientation": "horizontal", "data-name": name,
      onkeydown: (event) => this.key(event, k), onpointerdown: (event) => this.grab(event, k) }));
    monitor.painted = () => this.show();
  }

  freeze(on) {
    const { monitor } = this, host = monitor.host.querySelector(".cursors");
    host.replaceChildren(...(on ? this.handles : []));
    this.readout.hidden = !on;
    if (!on) return;
    const second = monitor.fs;
    this.at = [Math.round(monitor.head - 2 * second), Math.round(monitor.head - second)];
    this.handles[1].focus({ preventScroll: true });
  }

  grab(event, k) {
    const handle = this.handles[k], box = this.monitor.host.getBoundingClientRect();
    handle.setPointerCapture(event.pointerId);
    handle.onpointermove = (move) => this.move(k, this.monitor.origin + ((move.clientX - box.left) / box.width) * this.monitor.span);
    handle.onpointerup = () => { handle.onpointermove = null; };
  }

  key(event, k) {
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1, PageDown: -25, PageUp: 25 }[event.key];
    if (steps === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.move(k, this.at[k] + steps * (event.shiftKey ? 10 : 1));
  }

  move(k, sample) {
    const { origin, span, head } = this.monitor;
    this.at[k] = Math.round(Math.min(Math.max(sample, origin), Math.min(origin + span, head)));
    this.show();
  }

  show() {
    const { monitor } = this;
    if (!monitor.frozen) return;
    const [a, b] = this.at, gap = Math.abs(b - a) / monitor.fs;
    this.handles.forEach((handle, k) => {
      handle.style.left = `${100 * ((this.at[k] - monitor.origin) / monitor.span)}%`;
      handle.setAttribute("aria-valuemin", number(monitor.origin / monitor.fs, 2));
      handle.setAttribute("aria-valuemax", number(monitor.head / monitor.fs, 2));
      handle.setAttribute("aria-valuenow", (this.at[k] / monitor.fs).toFixed(3));
      handle.setAttribute("aria-valuetext", `${(this.at[k] / monitor.fs).toFixed(3)} seconds`);
    });
    const lines = monitor.shown.map(({ channel, index }) => {
      const digits = channel.unit === "mV" ? 2 : 0, one = monitor.ring.at(index, a), two = monitor.ring.at(index, b);
      return make("tr", {}, make("th", { scope: "row", text: channel.label }), ...[one, two, two - one].map((value) => make("td", { class: "number", text: number(value, digits) })), make("td", { text: channel.unit }));
    });
    write(this.readout.querySelector(".gap"), `Δt ${number(1000 * gap)} ms${gap > 0.02 ? ` · ${number(60 / gap)} /min` : ""}`);
    this.readout.querySelector("tbody").replaceChildren(...lines);
  }
}
