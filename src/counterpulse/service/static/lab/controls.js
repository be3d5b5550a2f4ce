// Controls made from the fields that the server names: one form for a choice, one for a number. Ranges, units, words and help are the server's.
import { make, number, write } from "./element.js";

export const keyOf = (field) => (field.place >= 0 ? `${field.field}@${field.place}` : field.field);

// "0 open, 1 Arrow, 2 Getinge; see ..." names the values of a whole number; so does "1 = no mains" or "0 = nothing shown" of a switch.
function namedIn(field) {
  if (!field.whole || field.low !== 0 || field.high > 7) return null;
  const found = [...(field.help || "").split(/[;(]/)[0].matchAll(/(?:^|, )(\d) (?!=)([^,]+)/g)].map(([, value, label]) => ({ value: Number(value), label: label.trim() }));
  return found.length === field.high + 1 ? found : null;
}

function choicesOf(field) {
  const given = field.choices || namedIn(field);
  if (field.inverse) return [{ value: 1, label: "off" }, { value: 0, label: "on" }];
  if (Array.isArray(given)) return given.map((one, k) => (Array.isArray(one) ? { value: one[0], label: one[1] } : typeof one === "object" ? one : { value: k, label: String(one) }));
  if (given) return Object.entries(given).map(([value, label]) => ({ value: Number(value), label }));
  if (field.whole && field.high - field.low <= 3 && field.high > field.low) {
    const ratio = field.field.endsWith(".ratio"), all = Array.from({ length: field.high - field.low + 1 }, (_, k) => field.low + k);
    return all.map((value) => ({ value, label: ratio ? `1:${value}` : field.low === 0 && field.high === 1 ? ["off", "on"][value] : String(value) }));
  }
  return null;
}

function stepOf(field) {
  if (field.high <= field.low) return 1;
  if (field.step) return field.step;
  if (field.whole) return 1;
  const rough = (field.high - field.low) / 200, size = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((one) => one * size).find((one) => one >= rough * 0.999);
}

// Words of the server's names as a screen has them: whole sentences' beginnings in place of cut ones, switches named for what they do when on.
function dress(told) {
  const field = { ...told, unit: told.unit.replace(/^u(?=g)/, "µ").replace(/(?<=[cm])2(?!\d)/, "²") };
  const [help] = (told.help || "").split(/[;(]/), cut = told.label.length >= 48 && help.length > 48, where = (told.label.match(/, (root|lumen|radial|femoral|II|V5|aVL)$/) || [""])[0];
  let label = cut ? (help.length < 90 ? help : `${help.slice(0, 80).replace(/\s\S*$/, "")} …`).trim() : told.label;
  if (cut && where && !label.endsWith(where)) label += where;
  if (namedIn(told) && /^\d/.test(label)) label = told.field.split(".")[1].replaceAll("_", " ");
  const [, meant, rest] = label.match(/^([01]) = (.+)$/) || [];
  field.inverse = meant === "0";
  field.label = proper(rest || label);
  return field;
}

const proper = (text) => { const words = String(text).replace(/\b(ecg|lv|rv|cvp|pa)\b/gi, (one) => one.toUpperCase()).replace(/ 1:$/, ""); return words[0].toUpperCase() + words.slice(1); };

const digitsOf = (step) => Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-9)));

export class Controls {
  // `change(field, value)` is called with what the user asks for.
  constructor(change) {
    Object.assign(this, { change, all: new Map(), history: [] });
  }

  fields(list) {
    this.all.clear();
    this.history.length = 0;
    list.filter((told) => told.high < 1e8).forEach((told) => { // a key of the console counts its presses: it is a button, no slider
      const field = dress(told);
      this.all.set(keyOf(field), { field, value: field.value, show: [] });
    });
  }

  group(names) { return [...this.all.values()].map((one) => one.field).filter((field) => names.includes(field.group)); }

  get(key) { return this.all.get(key); }

  // A change by the user: sent, and remembered so that it can be taken back.
  set(key, value, undoable = true) {
    const one = this.all.get(key);
    if (!one) return false;
    const { field } = one, asked = field.group === "fault" && value === 0 ? 0 : Math.min(field.high, Math.max(field.low, value));
    if (asked === one.value) return false;
    if (undoable) this.remember(key, one.value, asked);
    one.value = asked;
    one.asked = performance.now();
    one.show.forEach((show) => show(asked));
    this.change(field, field.whole ? Math.round(asked) : Number(asked.toPrecision(7)));
    this.changed?.();
    return true;
  }

  // Moves of one slider within two seconds are one change.
  remember(key, before, after) {
    const last = this.history[this.history.length - 1], now = performance.now();
    if (last?.key === key && now - last.at < 2000) Object.assign(last, { after, at: now });
    else this.history.push({ key, before, after, at: now });
    if (this.history.length > 200) this.history.shift();
  }

  undo() {
    const last = this.history.pop();
    if (last) this.set(last.key, last.before, false);
    this.changed?.();
    return last;
  }

  nudge(key, steps) {
    const one = this.all.get(key);
    return one ? this.set(key, one.value + steps) : false;
  }

  // What the server says holds. A control in the user's hand is left alone for a moment.
  values(values) {
    for (const [key, value] of Object.entries(values)) {
      const one = this.all.get(key);
      if (!one || (one.asked && performance.now() - one.asked < 600)) continue;
      one.value = value;
      one.show.forEach((show) => show(value));
    }
  }

  refused(key, value) {
    const one = this.all.get(key);
    if (one) { one.asked = 0; one.value = value; one.show.forEach((show) => show(value)); }
  }

  describe(key, value) {
    const one = this.all.get(key);
    if (!one) return String(value);
    const choice = choicesOf(one.field)?.find((each) => each.value === value);
    return `${choice ? choice.label : number(value, digitsOf(stepOf(one.field)))}${!choice && one.field.unit !== "1" ? ` ${one.field.unit}` : ""}`;
  }

  make(field) {
    const one = this.all.get(keyOf(field)), choices = choicesOf(field);
    const made = field.group === "fault" ? this.fault(field, one) : choices ? this.choice(field, choices, one) : this.slider(field, one);
    made.dataset.field = keyOf(field);
    return made;
  }

  choice(field, choices, one) {
    const name = `f-${keyOf(field)}-${one.show.length}`, long = choices.length > 6;
    if (long) return this.select(field, choices, one, name);
    const inputs = choices.map(({ value, label }) => {
      const input = make("input", { type: "radio", name, value, onchange: () => this.set(keyOf(field), value) });
      return [make("label", {}, input, make("span", { text: proper(label) })), input, value];
    });
    const show = (now) => inputs.forEach(([, input, value]) => { input.checked = Math.abs(value - now) < 1e-9; });
    one.show.push(show);
    show(one.value);
    return make("fieldset", { class: "choice", title: field.help || null }, make("legend", { text: field.label }), make("div", { class: "segments" }, ...inputs.map(([label]) => label)));
  }

  // A fault is there with a severity, or not there (0), whatever its range.
  fault(field, one) {
    const key = keyOf(field), typical = field.typical || field.high, button = make("button", { type: "button", class: "switch", onclick: () => this.set(key, one.value ? 0 : typical) });
    const row = field.low === field.high ? null : this.slider({ ...field, label: `${field.label}: how much` }, one, true);
    const show = (now) => {
      button.setAttribute("aria-pressed", String(Boolean(now)));
      write(button, now ? "on" : "off");
      if (row) row.hidden = !now;
    };
    button.setAttribute("aria-label", field.label);
    one.show.push(show);
    show(one.value);
    return make("div", { class: "fault", title: field.help || null }, make("span", { text: field.label }), button, row);
  }

  select(field, choices, one, id) {
    const select = make("select", { id, onchange: () => this.set(keyOf(field), Number(select.value)) }, ...choices.map(({ value, label }) => make("option", { value, text: proper(label) })));
    const show = (now) => { select.value = String(now); };
    one.show.push(show);
    show(one.value);
    return make("div", { class: "control", title: field.help || null }, make("label", { for: id, text: field.label }), select);
  }

  slider(field, one, severity = false) {
    const step = stepOf(field), digits = digitsOf(step), id = `f-${keyOf(field)}-${one.show.length}`, unit = field.unit === "1" ? "" : field.unit, key = keyOf(field);
    const range = make("input", { type: "range", min: field.low, max: field.high, step, "aria-label": `${field.label}${unit ? `, ${unit}` : ""}`, oninput: () => this.set(key, Number(range.value)) });
    const box = make("input", { type: "number", id, min: field.low, max: field.high, step: "any", inputmode: "decimal", onchange: () => {
      if (box.value !== "" && Number.isFinite(box.valueAsNumber)) this.set(key, box.valueAsNumber);
      show(one.value);
    } });
    const show = (now) => {
      if (now === null || now === undefined || (severity && now === 0)) return;
      range.value = String(now);
      range.setAttribute("aria-valuetext", `${Number(now).toFixed(digits)} ${unit}`);
      if (document.activeElement !== box) box.value = now !== 0 && Math.abs(now) < step ? Number(now.toPrecision(2)) : Number(now).toFixed(digits);
      range.style.setProperty("--part", `${(100 * (now - field.low)) / (field.high - field.low || 1)}%`);
    };
    one.show.push(show);
    show(one.value);
    return make("div", { class: "control", title: field.help || null },
      make("label", { for: id, text: field.label }), range, box, make("span", { class: "unit", text: unit }));
  }
}

// A heading and the controls of some fields; places of one array stand together.
export function panel(controls, title, fields, options = {}) {
  if (!fields.length) return null;
  const inside = fields.map((field) => controls.make(field));
  if (options.plain) return make("div", { class: "controls" }, ...inside);
  const one = make("details", { class: "group", open: options.open }, make("summary", { text: title }), make("div", { class: "controls" }, ...inside));
  return one;
}

export function announce(element, text) {
  write(element, "");
  requestAnimationFrame(() => write(element, text));
}
