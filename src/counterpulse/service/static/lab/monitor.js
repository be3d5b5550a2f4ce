// All traces on one time: where the sweep stands, how it follows the newest sample, marks, freezing, scales. 60 frames a second as the browser gives them.
import { make } from "./element.js";
import { Gauge } from "./gauge.js";
import { Landmarks } from "./landmarks.js";
import { Ring } from "./ring.js";
import { dress } from "./roles.js";
import { Strip } from "./strip.js";

const KEPT_S = 120;
export const SPEEDS_mm_s = [6.25, 12.5, 25, 50];
const MM_PX = 96 / 25.4;

export class Monitor {
  constructor(host) {
    Object.assign(this, { host, strips: [], speed: 25, frozen: false, head: 0, newest: 0, arrived: 0, hidden: new Set(), font: "system-ui, sans-serif" });
    this.gauge = new Gauge();
    this.frame = this.frame.bind(this);
    new ResizeObserver(() => { this.stale = true; }).observe(host);
    addEventListener("theme", () => { this.stale = true; });
  }

  // A new console, or the same one after a lost connection: keep what is on the screen if the channels are the same.
  hello({ channels, fs_hz, draw_hz, sample }) {
    const same = this.channels && channels.map((one) => one.id).join() === this.channels.map((one) => one.id).join();
    this.fs = draw_hz || fs_hz;
    this.stride = fs_hz / this.fs; // the server counts at fs_hz, drawn samples stand this far apart
    this.started = false;
    if (same && sample / this.stride >= this.ring.next - this.fs) return;
    this.channels = dress(channels);
    this.ring = new Ring(channels.length, Math.round(KEPT_S * this.fs));
    this.index = Object.fromEntries(channels.map((one, k) => [one.id, k]));
    this.head = this.newest = 0;
    this.hidden = new Set(this.channels.filter((one) => !one.main).map((one) => one.id));
    this.landmarks = new Landmarks(this);
    this.lay();
  }

  get shown() { return this.strips.filter((strip) => !this.hidden.has(strip.channel.id)); }

  lay() {
    const drawn = this.channels.map((channel, k) => ({ channel, k })).filter(({ channel }) => channel.role);
    this.strips = drawn.map(({ channel, k }) => new Strip(channel, k, this));
    this.show();
  }

  show() {
    this.host.replaceChildren(...this.shown.map((strip) => strip.element), this.host.querySelector(".cursors") || make("div", { class: "cursors" }));
    this.stale = true;
  }

  // The strip that beats are marked on: the arterial pressure that is shown, the one the pump reads if known.
  arterial() {
    const all = this.strips.filter((one) => one.channel.role === "pressure");
    return all.find((one) => one.channel.id === this.source) || all.find((one) => !this.hidden.has(one.channel.id)) || all[0];
  }

  strip(role) { return this.strips.find((one) => one.channel.role === role); }

  inflated = (sample) => {
    const mark = this.index.inflated;
    return mark === undefined ? this.landmarks.filled(sample) : this.ring.at(mark, sample) > 0.5;
  };

  // Fraction of the screen's width at which a sample stands.
  place(sample) {
    const part = (sample - this.origin) / this.span;
    return part - Math.floor(part);
  }

  measure() {
    const box = this.host.getBoundingClientRect(), rem = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    this.wide = Math.max(1, box.width);
    this.each = (this.speed * MM_PX * rem) / this.fs; // CSS pixels a sample
    this.span = this.wide / this.each;
    this.font = getComputedStyle(this.host).fontFamily;
    this.origin = this.frozen ? this.head - this.span * 0.999 : 0;
  }

  paint() {
    this.stale = false;
    this.paints = (this.paints || 0) + 1;
    this.measure();
    this.shown.forEach((strip) => { strip.size(); strip.rule(); strip.redraw(this.head); });
    this.painted?.();
  }

  samples({ first, n, data, at }) {
    if (!this.ring) return;
    this.ring.push(Math.round(first / this.stride), n, data);
    this.newest = this.ring.next;
    this.arrived = at;
    this.gauge.arrival(this.newest, at, this.rate());
  }

  // The head runs evenly a little behind the newest sample, so that frames of samples that come in lumps still make an even sweep.
  run(now) {
    const gone = Math.min(now - (this.then ?? now), 250);
    this.then = now;
    if (!this.started) {
      this.started = this.newest > this.head;
      this.head = this.newest;
      this.stale = true;
      return;
    }
    const reach = this.newest + Math.min(now - this.arrived, 60) * this.rate() / 1000 - this.gauge.lag_ms * this.rate() / 1000;
    this.head += (gone * this.rate()) / 1000;
    const off = reach - this.head;
    this.head += Math.abs(off) > 0.25 * this.rate() ? off : off * 0.08;
    this.head = Math.min(this.head, this.newest - 1);
  }

  rate() { return this.fs * (this.paced || 1); }

  pace(times) {
    if (times !== this.paced) this.gauge.offset = undefined;
    this.paced = times;
  }

  frame(now) {
    requestAnimationFrame(this.frame);
    if (!this.ring) return;
    if (this.stale) this.paint();
    if (this.frozen || this.newest === 0) { this.then = now; return; }
    const before = this.head;
    this.run(now);
    this.refit(now);
    if (this.stale) this.paint();
    if (this.head > before) {
      this.shown.forEach((strip) => strip.advance(this.head));
      this.gauge.drawn(before, this.head, this.rate());
    } else if (this.head < before - this.fs) this.stale = true;
    this.gauge.frame(now);
  }

  start() { requestAnimationFrame(this.frame); }

  // Every two seconds: a trace that has left its scale gets another, unless somebody set it by hand.
  refit(now) {
    if (now - (this.fitted || 0) < 2000 || !this.started) return;
    this.fitted = now;
    const from = this.head - Math.max(4 * this.fs, this.span);
    for (const strip of this.shown) if (!strip.manual && strip.ill(from, this.head)) this.stale = strip.fit(from, this.head) || this.stale;
  }

  setSpeed(speed) {
    this.speed = speed;
    this.stale = true;
  }

  amplify(strip, factor) {
    strip.manual = true;
    const { low, high } = strip;
    if (low < 0 && high > 0) strip.scale(low / factor, high / factor);
    else strip.scale(low, low + (high - low) / factor);
    this.stale = true;
  }

  fit() {
    this.shown.forEach((strip) => { strip.manual = false; strip.fit(this.head - Math.max(4 * this.fs, this.span), this.head); });
    this.stale = true;
  }

  freeze(on = !this.frozen) {
    this.frozen = on;
    this.host.classList.toggle("frozen", on);
    this.stale = true;
    if (!on) this.started = false;
  }

  // Frozen: move what is shown along what is kept.
  scroll(samples) {
    this.head = Math.min(Math.max(this.head + samples, Math.min(this.ring.first + this.span, this.newest)), this.newest - 1);
    this.stale = true;
  }
}
