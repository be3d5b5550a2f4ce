// One sweeping trace on its own canvas. Each frame draws only the samples that are new and clears the erase bar ahead of them; the whole is drawn again
// only when its size, scale or speed changed. Knows one channel and its marks; where time stands is told by the monitor.
import { colour, make, number, write } from "./element.js";

const BAR_PX = 26; // width of the erase bar, in CSS pixels
const NICE = [0.1, 0.2, 0.25, 0.5, 1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000];

export class Strip {
  constructor(channel, index, monitor) {
    Object.assign(this, { channel, index, monitor, gain: 1, marks: [], low: channel.low, high: channel.high, drawn: -1, taken: [] });
    this.name = make("span", { class: "name", text: channel.label });
    this.unit = make("span", { class: "unit", text: channel.unit });
    this.grid = make("canvas", { class: "grid", "aria-hidden": "true" });
    this.canvas = make("canvas", { class: "trace", role: "img", "aria-label": `${channel.label}, ${channel.unit}, sweeping trace` });
    this.over = make("canvas", { class: "over", "aria-hidden": "true" });
    this.element = make("div", { class: "strip", "data-channel": channel.id, "data-role": channel.role },
      this.grid, this.canvas, this.over, make("div", { class: "head" }, this.name, this.unit));
  }

  size() {
    const box = this.element.getBoundingClientRect(), ratio = devicePixelRatio || 1;
    this.ratio = ratio;
    this.wide = Math.max(1, Math.round(box.width * ratio));
    this.high_px = Math.max(1, Math.round(box.height * ratio));
    [this.grid, this.canvas, this.over].forEach((one) => { one.width = this.wide; one.height = this.high_px; });
    this.pen = this.canvas.getContext("2d");
    this.em = ratio * parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    this.colours();
  }

  colours() {
    this.ink = colour(this.channel.role) || colour("other");
    this.band = colour("band");
    this.strong = colour("balloon");
    this.soft = colour("soft");
    this.text = colour("ink");
    this.ground = colour("screen");
  }

  y(value) {
    const pad = 10 * this.em;
    return this.high_px - pad - ((value - this.low) / (this.high - this.low)) * (this.high_px - pad - 18 * this.em);
  }

  value(y_px) {
    const pad = 10 * this.em;
    return this.low + ((this.high_px - pad - y_px) / (this.high_px - pad - 18 * this.em)) * (this.high - this.low);
  }

  x(sample) { return this.monitor.place(sample) * this.wide; }

  // Grid lines, scale and baseline: a canvas of its own, drawn when something about it changed.
  rule() {
    const pen = this.grid.getContext("2d"), fs = this.monitor.fs, each = this.monitor.each * this.ratio;
    pen.clearRect(0, 0, this.wide, this.high_px);
    pen.lineWidth = 1;
    pen.strokeStyle = colour("grid");
    pen.beginPath();
    for (let x = 0; x < this.wide; x += fs * each) { pen.moveTo(Math.round(x) + 0.5, 0); pen.lineTo(Math.round(x) + 0.5, this.high_px); }
    const step = NICE.find((one) => (this.high - this.low) / one <= Math.max(2, this.high_px / (34 * this.em))) || 1000;
    pen.font = `${Math.round(11 * this.em)}px ${this.monitor.font}`;
    pen.fillStyle = this.soft;
    pen.textBaseline = "middle";
    for (let value = Math.ceil(this.low / step - 1e-9) * step; value <= this.high + 1e-9; value += step) {
      const y = Math.round(this.y(value)) + 0.5;
      pen.moveTo(0, y);
      pen.lineTo(this.wide, y);
      if (this.channel.unit === "mmHg" || this.high - this.low > 10) pen.fillText(number(value, step < 1 ? 1 : 0), 3 * this.em, y - 7 * this.em);
    }
    pen.stroke();
  }

  // Draw the samples up to `to`; returns how many were new.
  advance(to) {
    if (this.drawn < 0 || to - this.drawn > this.monitor.span * 0.9) return this.redraw(to);
    const from = this.drawn;
    if (to <= from) return 0;
    this.line(this.pen, from, to, true);
    this.drawn = to;
    this.stamp(to);
    return to - from;
  }

  redraw(to, pen = this.pen) {
    pen.clearRect(0, 0, this.wide, this.high_px);
    const ring = this.monitor.ring, bar = (BAR_PX * this.em) / this.wide * this.monitor.span;
    const from = Math.max(ring.first, to - this.monitor.span + bar);
    this.line(pen, from, to, false);
    this.drawn = to;
    this.taken = [];
    this.marks.forEach((mark) => { mark.done = false; });
    this.stamp(to, from);
    return to - from;
  }

  line(pen, from, to, erase) {
    const ring = this.monitor.ring, inflated = this.channel.shaded ? this.monitor.inflated : null;
    let x0 = this.x(from), open = false;
    if (erase) this.erase(pen, this.x(from), this.x(to));
    pen.lineJoin = "round";
    pen.lineCap = "round";
    let thick = null;
    const begin = (x, y, state) => {
      pen.beginPath();
      pen.lineWidth = (state ? 2.8 : 1.8) * this.em;
      pen.strokeStyle = state ? this.strong : this.ink;
      pen.moveTo(x, y);
      thick = state;
      open = true;
    };
    const places = [from];
    for (let s = Math.floor(from) + 1; s < to; s++) places.push(s);
    places.push(to);
    let y0 = this.y(ring.between(this.index, from));
    for (let k = 1; k < places.length; k++) {
      const s = places[k], x = this.x(s), y = this.y(ring.between(this.index, s));
      const state = inflated ? inflated(Math.ceil(s) - 1) : false;
      if (x < x0 || Number.isNaN(y) || Number.isNaN(y0)) {
        if (open) pen.stroke();
        open = false;
      } else {
        if (!open || state !== thick) { if (open) pen.stroke(); begin(x0, y0, state); }
        pen.lineTo(x, y);
        if (state) this.shade(pen, x0, x, y);
      }
      x0 = x;
      y0 = y;
    }
    if (open) pen.stroke();
  }

  // The shade under the inflated part, in whole columns of pixels so that no seam shows.
  shade(pen, x0, x, y) {
    const left = Math.floor(x0), wide = Math.floor(x) - left;
    if (wide <= 0) return;
    pen.fillStyle = this.band;
    pen.fillRect(left, y, wide, this.high_px - y);
  }

  // All from the old head to a bar's width beyond the new one, also when the head has made a leap.
  erase(pen, old, head) {
    const from = Math.ceil(old) + 1, to = head + (head < old ? this.wide : 0) + BAR_PX * this.em;
    pen.clearRect(from, 0, to - from, this.high_px);
    if (to > this.wide) pen.clearRect(0, 0, to - this.wide, this.high_px);
  }

  mark(mark) {
    this.marks.push(mark);
    if (this.marks.length > 600) this.marks.splice(0, 200);
  }

  // Write the marks whose time has been drawn: they stand on the trace's canvas, so the erase bar takes them along.
  stamp(to, from = to - 0.8 * this.monitor.span) {
    for (const mark of this.marks) {
      if (mark.done || mark.sample > to - (mark.text ? 1 : 0)) continue;
      mark.done = true;
      if (mark.sample >= from) this.sign(this.pen, mark, to);
    }
  }

  sign(pen, mark, to) {
    const x = this.x(mark.sample), em = this.em, head = this.x(to);
    const y = mark.value === undefined ? 3 * em : Math.min(Math.max(this.y(mark.value), 16 * em), this.high_px - 4 * em);
    pen.fillStyle = pen.strokeStyle = mark.colour ? colour(mark.colour) : this.text;
    pen.lineWidth = 1.5 * em;
    pen.beginPath();
    if (mark.shape === "trigger") {
      pen.moveTo(x - 5 * em, 2 * em); pen.lineTo(x + 5 * em, 2 * em); pen.lineTo(x, 11 * em); pen.closePath(); pen.fill();
    } else if (mark.shape === "open") {
      pen.arc(x, y, 3.2 * em, 0, 7); pen.stroke();
    } else {
      pen.arc(x, y, 3.2 * em, 0, 7); pen.fill();
    }
    if (mark.text) this.caption(pen, mark, { x, y, head });
  }

  // Name above value; left out where it would run into the one before or into the erase bar.
  caption(pen, mark, { x, y, head }) {
    const em = this.em;
    pen.font = `600 ${Math.round(11 * em)}px ${this.monitor.font}`;
    const wide = Math.max(...mark.text.map((one) => pen.measureText(one).width)), left = Math.min(Math.max(1, x - wide / 2), this.wide - wide - 1), tall = 24 * em;
    if (head >= x && left + wide > head - 2) { mark.done = false; return; }
    const wished = mark.below ? Math.min(y + 14 * em, this.high_px - 14 * em) : Math.max(y - 18 * em, 10 * em);
    const top = [wished, wished - (mark.below ? -tall : tall)].find((one) => one > 6 * em && one < this.high_px - 12 * em && !this.taken.some((box) => left < box.right && left + wide > box.left && Math.abs(box.top - one) < tall));
    if (top === undefined) return;
    this.taken.push({ left: left - 2 * em, right: left + wide + 2 * em, top });
    if (this.taken.length > 6) this.taken.shift();
    pen.textAlign = "left";
    pen.textBaseline = "alphabetic";
    mark.text.forEach((one, k) => {
      pen.lineWidth = 3 * em;
      pen.strokeStyle = this.ground;
      pen.strokeText(one, left, top + k * 12 * em);
      pen.fillText(one, left, top + k * 12 * em);
    });
  }

  fit(from, to) {
    const [low, high] = this.monitor.ring.extremes(this.index, from, to);
    if (!(high > low)) return false;
    const room = Math.max(high - low, (this.channel.high - this.channel.low) * 0.08), step = NICE.find((one) => room / one <= 8) || 1000;
    const below = low >= 0 && this.channel.unit === "mmHg" ? 0 : Math.floor((low - 0.08 * room) / step) * step, above = Math.ceil((high + 0.1 * room) / step) * step;
    return this.scale(below, above);
  }

  scale(low, high) {
    if (low === this.low && high === this.high) return false;
    [this.low, this.high] = [low, high];
    return true;
  }

  // Does the trace leave its scale, or use less than a third of it as far as it can be seen?
  ill(from, to) {
    const [low, high] = this.monitor.ring.extremes(this.index, from, to), room = this.high - this.low;
    return high > low && (high > this.high || low < this.low - 0.05 * room || (high - Math.min(low, this.low < 0 ? low : 0) < 0.3 * room && high - low > 0.02 * (this.channel.high - this.channel.low)));
  }

  say(text) { write(this.unit, text); }
}
