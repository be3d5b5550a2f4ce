// The pump's own panel: start and standby, ratio, volume and trims in front, the rest behind; and the patient's and bedside's panels, made from the fields.
import { $, make, write } from "./element.js";
import { keyOf, panel } from "./controls.js";

export const KEY = { ratio: "settings.ratio", volume: "settings.volume_mL", inflation: "settings.inflation_trim_ms", deflation: "settings.deflation_trim_ms", standby: "settings.standby", mode: "settings.mode",
  trigger: "settings.trigger", source: "settings.pressure_source", lead: "settings.ecg_lead" };
const FRONT = [KEY.mode, KEY.trigger, KEY.ratio, KEY.volume, KEY.inflation, KEY.deflation];
const TITLES = { patient: "Patient", dose: "Drugs", support: "Other support", bedside: "Bedside lines and leads", balloon: "Balloon and helium line", fault: "Faults" };
const IDLE_S = 4;
const LESIONS = /leak_cm2|stenosis|regurg|septal|defect|area_cm2/;

export class PumpPanel {
  constructor(link, controls) {
    Object.assign(this, { link, controls });
    this.start = $("#start");
    this.start.addEventListener("click", () => this.toggle());
    $("#fill").addEventListener("click", () => link.send({ type: "do", what: "fill" }));
    $("#undo").addEventListener("click", () => controls.undo());
  }

  build() {
    const { controls } = this, pump = controls.group(["pump"]), front = FRONT.map((key) => controls.get(key)?.field).filter(Boolean);
    const rest = pump.filter((field) => !FRONT.includes(keyOf(field)) && field.field !== KEY.standby);
    $("#pump-front").replaceChildren(...[panel(controls, "", front, { plain: true }), panel(controls, "More settings", rest)].filter(Boolean));
    const one = controls.get(KEY.standby);
    $("#pump-bar").hidden = !one;
    if (one) { one.show.push(() => this.standby()); this.standby(); }
    this.patient();
  }

  patient() {
    const { controls } = this, seen = ["pump"], parts = [], groups = [...new Set([...controls.all.values()].map((one) => one.field.group))];
    const order = [...Object.keys(TITLES), ...groups].filter((name, k, all) => groups.includes(name) && all.indexOf(name) === k && !seen.includes(name));
    for (const name of order) {
      const fields = controls.group([name]), lesions = name === "patient" ? fields.filter((field) => LESIONS.test(field.field)) : [];
      parts.push(panel(controls, TITLES[name] || name, fields.filter((field) => !lesions.includes(field)), { open: name === "patient" }), panel(controls, "Valves and shunts", lesions));
    }
    $("#patient-controls").replaceChildren(...parts.filter(Boolean));
  }

  toggle() {
    const now = this.controls.get(KEY.standby);
    if (this.stopped) this.link.send({ type: "do", what: "fill" });
    else if (now) this.controls.set(KEY.standby, now.value ? 0 : 1);
  }

  // `stopped`: an alarm keeps the pump from driving until it is started again.
  standby(stopped = this.stopped) {
    const off = Boolean(this.controls.get(KEY.standby)?.value) || stopped, idle = !off && this.idle;
    this.stopped = stopped;
    write(this.start, stopped ? "Start again" : off ? "Start" : "Standby");
    this.start.dataset.state = off ? "standby" : "pumping";
    $("#pump-state").dataset.state = off || idle ? "standby" : "pumping";
    write($("#pump-state"), stopped ? "STOPPED by an alarm: balloon kept empty" : off ? "STANDBY: balloon kept empty" : idle ? "NOT PUMPING: no inflation for 4 s" : this.recording ? "ALONG A RECORDING: what the pump would do" : "PUMPING");
  }

  // Pumping is what the balloon does, not what is set: inflations must go on.
  follow({ pump, time_s }) {
    if (!pump) return;
    if (pump.inflations !== this.inflations || time_s < this.inflated_s) Object.assign(this, { inflations: pump.inflations, inflated_s: time_s });
    this.idle = time_s - this.inflated_s > IDLE_S;
  }

  // The latest change, ready to be taken back.
  undoable() {
    const { history } = this.controls, last = history[history.length - 1], button = $("#undo");
    button.disabled = !last;
    const field = last && this.controls.get(last.key).field;
    button.title = last ? `Undo: ${field.label} ${this.controls.describe(last.key, last.after)} back to ${this.controls.describe(last.key, last.before)} (Ctrl+Z)` : "Nothing to undo";
  }
}

export function traces(monitor, host) {
  host.replaceChildren(...monitor.strips.map(({ channel }) => {
    const box = make("input", { type: "checkbox", value: channel.id, onchange: () => {
      if (box.checked) monitor.hidden.delete(channel.id);
      else monitor.hidden.add(channel.id);
      monitor.show();
    } });
    box.checked = !monitor.hidden.has(channel.id);
    return make("label", { class: "trace-choice", "data-role": channel.role }, box, make("span", { text: channel.label }));
  }));
}
