// The alarm line at the top, the list, the sound. Priority is told by word, shape and colour; a screen reader hears new alarms at once.
import { $, make, write } from "./element.js";
import { LONGEST_SILENCE_S, Sound } from "./sound.js";

const ORDER = { high: 0, medium: 1, low: 2 };
const SIGN = { high: "▲!!!", medium: "◆!!", low: "●!" };
const WORD = { high: "High", medium: "Medium", low: "Low" };

export class Alarms {
  constructor(link) {
    Object.assign(this, { link, sound: new Sound(), known: new Set(), shown: "" });
    this.line = $("#alarm-line");
    this.list = $("#alarm-list");
    this.urgent = $("#alarm-urgent");
    this.steers = Boolean($("#acknowledge"));
    this.button = $("#sound");
    this.pause = $("#silence");
    this.button?.addEventListener("click", () => this.toggle());
    this.pause?.addEventListener("click", () => this.silence());
    $("#acknowledge")?.addEventListener("click", () => this.acknowledge());
    setInterval(() => this.tick(), 500);
    this.tick();
  }

  async toggle() {
    await this.sound.enable(!this.sound.on);
    this.tick();
  }

  // The console counts the pause for every page that steers it; one that only looks on keeps its own.
  silence() {
    this.sound.silence(LONGEST_SILENCE_S);
    if (this.steers) this.link.send({ type: "do", what: "silence", value: LONGEST_SILENCE_S });
    this.tick();
  }

  heard(sound) {
    if (this.steers && sound && Math.abs(sound.paused_s - this.sound.left()) > 2) this.sound.silence(sound.paused_s);
  }

  acknowledge(code = null) { this.link.send({ type: "do", what: "acknowledge", value: code }); }

  tick() {
    const left = this.sound.left(), loud = (this.alarms || []).filter((one) => !one.acknowledged);
    this.sound.follow(loud.length ? loud[0].priority : null);
    write(this.button, this.sound.on ? "Sound on" : "Sound off");
    this.button?.setAttribute("aria-pressed", String(this.sound.on));
    write(this.pause, left ? `Silenced ${left} s` : "Silence");
    this.pause?.setAttribute("aria-pressed", String(left > 0));
  }

  show(alarms) {
    this.alarms = [...alarms].sort((a, b) => ORDER[a.priority] - ORDER[b.priority] || b.since_s - a.since_s);
    const look = JSON.stringify(this.alarms);
    if (look === this.shown) return;
    this.shown = look;
    this.head();
    this.list?.replaceChildren(...(this.alarms.length ? this.alarms.map((one) => this.row(one)) : [make("li", { class: "none", text: "No alarm." })]));
    this.tell();
    this.tick();
  }

  head() {
    const [first] = this.alarms, rest = this.alarms.length - 1;
    this.line.dataset.priority = first ? first.priority : "none";
    this.line.classList.toggle("calm", !first || first.acknowledged);
    write($(".sign", this.line), first ? SIGN[first.priority] : "✓");
    write($(".sentence", this.line), first ? first.sentence : "No alarm");
    write($(".rest", this.line), rest > 0 ? `and ${rest} more` : "");
  }

  row(one) {
    const flags = [one.latched ? "latched" : "", one.acknowledged ? "acknowledged" : ""].filter(Boolean).join(", ");
    return make("li", { "data-priority": one.priority, "data-code": one.code, class: one.acknowledged ? "calm" : "" },
      make("span", { class: "sign", "aria-hidden": "true", text: SIGN[one.priority] }),
      make("div", {}, make("strong", { text: `${WORD[one.priority]}: ${one.sentence}` }), one.advice ? make("p", { text: one.advice }) : null,
        make("p", { class: "since", text: `since ${clock(one.since_s)}${flags ? `, ${flags}` : ""}` })),
      one.acknowledged || !this.steers ? null : make("button", { type: "button", text: "OK", "aria-label": `Acknowledge: ${one.sentence}`, onclick: () => this.acknowledge(one.code) }));
  }

  tell() {
    const fresh = this.alarms.filter((one) => !this.known.has(one.code));
    this.known = new Set(this.alarms.map((one) => one.code));
    if (fresh.length) write(this.urgent, fresh.map((one) => `${WORD[one.priority]} priority alarm: ${one.sentence}`).join(" "));
    else if (!this.alarms.length) write(this.urgent, "");
  }
}

export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds)), part = (n) => String(n).padStart(2, "0");
  return whole >= 3600 ? `${Math.floor(whole / 3600)}:${part(Math.floor(whole / 60) % 60)}:${part(whole % 60)}` : `${part(Math.floor(whole / 60))}:${part(whole % 60)}`;
}
