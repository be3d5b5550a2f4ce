// The truth behind the traces, for teaching: pressure-volume loops with and without the pump, timing errors beat by beat, and a table before and after.
// Asks the server for it only while it is looked at.
import { $, colour, make, number, write } from "./element.js";
import { words } from "./numerics.js";

const ROWS = ["sbp_mmHg", "assisted_systolic_mmHg", "dbp_mmHg", "augmented_peak_mmHg", "end_diastolic_mmHg", "map_mmHg", "hr_per_min", "co_L_min", "sv_mL", "lv_ef", "lv_edv_mL", "lv_esv_mL", "rv_ef", "pcwp_mmHg", "cvp_mmHg",
  "mean_pa_mmHg", "stroke_work_mmHg_mL", "pva_mmHg_mL", "ea_mmHg_mL", "tti_mmHg_s", "dpti_mmHg_s", "evr", "coronary_flow_mL_min", "cpo_W", "svo2", "limb_flow_mL_min", "sheathed_leg_flow_mL_min", "lactate_mmol_L", "urine_mL_kg_h"];
const BANDS = { inflation: [-20, 40], deflation: [-60, 20] }; // ms, pump.md 3.6: assumed classes about Kantrowitz 1992
const KEPT = 40;

export class Physiology {
  constructor(link, monitor) {
    Object.assign(this, { link, monitor, on: false, errors: [], marked: null, latest: null });
    this.loops = [["lv", $("#loop-lv")], ["rv", $("#loop-rv")]];
    this.timing = $("#timing");
    this.table = $("#before-after tbody");
    $("#mark-before").addEventListener("click", () => { this.marked = this.latest?.with; this.fill(); });
    addEventListener("theme", () => this.draw());
    setInterval(() => { if (this.on && !document.hidden) this.draw(); }, 250);
  }

  watch(on) {
    document.body.classList.toggle("teaching", on);
    if (this.on === on) return;
    this.on = on;
    this.link.send({ type: "do", what: "physiology", value: on });
    if (on) this.draw();
  }

  again() { if (this.on) this.link.send({ type: "do", what: "physiology", value: true }); }

  beat(beat) {
    if (!beat.assisted && beat.inflation_error_ms === undefined) return;
    this.errors.push({ number: beat.number, inflation: beat.inflation_error_ms ?? null, deflation: beat.deflation_error_ms ?? null });
    if (this.errors.length > KEPT) this.errors.shift();
  }

  show(message) {
    this.latest = message;
    this.fill();
  }

  fill() {
    const { latest, marked } = this;
    if (!latest) return;
    const keys = ROWS.filter((key) => key in latest.with || key in latest.without);
    this.table.replaceChildren(...keys.map((key) => {
      const { name, unit, digits } = words(key), without = latest.without[key], now = latest.with[key], there = Number.isFinite(without) && Number.isFinite(now);
      const cells = [number(marked?.[key], digits), number(without, digits), number(now, digits), there ? (now - without > 0 ? "+" : "") + number(now - without, digits) : "–"];
      return make("tr", { "data-key": key }, make("th", { scope: "row", text: name }), ...cells.map((text) => make("td", { class: "number", text })), make("td", { class: "unit", text: unit }));
    }));
  }

  draw() {
    for (const [side, canvas] of this.loops) this.loop(side, canvas);
    this.bars();
  }

  // One pen on a canvas of the size it has on the screen.
  pen(canvas) {
    const box = canvas.getBoundingClientRect(), ratio = devicePixelRatio || 1, wide = Math.round(box.width * ratio), high = Math.round(box.height * ratio);
    if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
    const pen = canvas.getContext("2d"), em = ratio * parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    pen.clearRect(0, 0, wide, high);
    pen.font = `${Math.round(11 * em)}px ${this.monitor.font}`;
    pen.fillStyle = colour("soft");
    pen.lineJoin = "round";
    return { pen, wide, high, em };
  }

  points(prefix, side) {
    const { index, ring, fs, head } = this.monitor, x = index[`${prefix}_${side}_mL`], y = index[`${prefix}_${side}`], found = [];
    if (x === undefined || y === undefined) return found;
    const seconds = Math.min(2.5, (this.span || 1) * 1.05);
    for (let s = Math.max(ring.first, Math.floor(head - seconds * fs)); s < head; s++) {
      const one = [ring.at(x, s), ring.at(y, s)];
      if (Number.isFinite(one[0]) && Number.isFinite(one[1])) found.push(one);
    }
    return found;
  }

  loop(side, canvas) {
    if (!this.monitor.ring) return;
    const both = [["without", this.points("without", side)], ["true", this.points("true", side)]], all = both.flatMap(([, points]) => points);
    const { pen, wide, high, em } = this.pen(canvas);
    if (!all.length) return;
    const xs = all.map(([x]) => x), ys = all.map(([, y]) => y), step = (room) => [5, 10, 20, 25, 50, 100].find((one) => room / one <= 4) || 100;
    const room_x = Math.max(...xs) - Math.min(...xs), dx = step(room_x + 10), dy = step(Math.max(...ys) + 5);
    const range = { x: [Math.floor((Math.min(...xs) - 2) / dx) * dx, Math.ceil((Math.max(...xs) + 2) / dx) * dx], y: [0, Math.ceil((Math.max(...ys) + 2) / dy) * dy] };
    const left = 34 * em, under = 30 * em, over = 8 * em;
    const X = (x) => left + ((x - range.x[0]) / (range.x[1] - range.x[0])) * (wide - left - 16 * em), Y = (y) => high - under - (y / range.y[1]) * (high - under - over);
    this.axes(pen, { range, dx, dy, X, Y, em, high, wide });
    both.forEach(([which, points]) => {
      pen.beginPath();
      points.forEach(([x, y], k) => (k ? pen.lineTo(X(x), Y(y)) : pen.moveTo(X(x), Y(y))));
      pen.strokeStyle = colour(which === "true" ? "balloon" : "soft");
      pen.setLineDash(which === "true" ? [] : [5 * em, 4 * em]);
      pen.lineWidth = 2 * em;
      pen.stroke();
      pen.setLineDash([]);
    });
  }

  axes(pen, { range, dx, dy, X, Y, em, high, wide }) {
    pen.strokeStyle = colour("rule");
    pen.lineWidth = em;
    pen.beginPath();
    pen.textAlign = "center";
    pen.textBaseline = "top";
    for (let x = range.x[0]; x <= range.x[1] + 1e-9; x += dx) { pen.moveTo(X(x), Y(0)); pen.lineTo(X(x), Y(range.y[1])); pen.fillText(String(x), X(x), Y(0) + 3 * em); }
    pen.fillText("mL", (X(range.x[0]) + wide) / 2, high - 13 * em);
    pen.textAlign = "right";
    pen.textBaseline = "middle";
    for (let y = 0; y <= range.y[1] + 1e-9; y += dy) { pen.moveTo(X(range.x[0]), Y(y)); pen.lineTo(X(range.x[1]), Y(y)); pen.fillText(String(y), X(range.x[0]) - 4 * em, Y(y)); }
    pen.stroke();
  }

  bars() {
    const { pen, wide, high, em } = this.pen(this.timing), left = 38 * em, part = high / 2;
    ["inflation", "deflation"].forEach((which, row) => {
      const top = row * part + 16 * em, low = (row + 1) * part - 6 * em, reach = 120, Y = (ms) => low - ((ms + reach) / (2 * reach)) * (low - top), [from, to] = BANDS[which];
      pen.fillStyle = colour("band");
      pen.fillRect(left, Y(to), wide - left, Y(from) - Y(to));
      pen.fillStyle = colour("soft");
      pen.textAlign = "left";
      pen.textBaseline = "alphabetic";
      pen.fillText(`${which}: late is up; shaded ${from} to +${to} ms`, left, top - 4 * em);
      pen.textAlign = "right";
      pen.textBaseline = "middle";
      [-100, 0, 100].forEach((ms) => pen.fillText(number(ms), left - 4 * em, Y(ms)));
      const each = (wide - left) / KEPT;
      this.errors.forEach((one, k) => {
        const ms = one[which];
        if (ms === null || !Number.isFinite(ms)) return;
        const fine = ms >= from && ms <= to, x = left + (k + 0.5) * each, y = Y(Math.max(-reach, Math.min(reach, ms)));
        pen.strokeStyle = pen.fillStyle = colour(fine ? "balloon" : "bad");
        pen.lineWidth = Math.max(2, each * 0.35);
        pen.beginPath();
        pen.moveTo(x, Y(0));
        pen.lineTo(x, y);
        pen.stroke();
        if (!fine) { pen.beginPath(); pen.arc(x, y, 3 * em, 0, 7); pen.fill(); }
      });
      pen.strokeStyle = colour("soft");
      pen.lineWidth = em;
      pen.beginPath();
      pen.moveTo(left, Y(0));
      pen.lineTo(wide, Y(0));
      pen.stroke();
    });
    const last = this.errors[this.errors.length - 1], part_of = (ms) => (Number.isFinite(ms) ? `${ms > 0 ? "+" : ""}${number(ms)} ms` : "–");
    write($("#timing-last"), last ? `Last beat: inflation ${part_of(last.inflation)}, deflation ${part_of(last.deflation)}` : "No assisted beat yet.");
  }
}
