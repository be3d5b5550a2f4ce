// The numbers at the right of the traces, and the longer list of what the bedside measures. A number that is not there is a dash, never an old one.
import { make, number, write } from "./element.js";

// What stands large, in the order of the traces: key or keys of the server's numerics, how it is written.
const LARGE = [
  { id: "hr", label: "HR", unit: "1/min", role: "ecg", keys: ["hr_per_min"] },
  { id: "abp", label: "ABP", unit: "mmHg", role: "pressure", keys: ["sbp_mmHg", "dbp_mmHg"], mean: "map_mmHg", wide: true },
  { id: "aug", label: "Augmentation", unit: "mmHg", role: "balloon", keys: ["augmented_peak_mmHg"] },
  { id: "sys", label: "SYS/ASYS", role: "pressure", keys: ["unassisted_systolic_mmHg", "assisted_systolic_mmHg"], small: true, help: "systole without / after an assisted diastole" },
  { id: "dia", label: "DIA/ADIA", role: "pressure", keys: ["end_diastolic_mmHg", "assisted_end_diastolic_mmHg"], small: true, help: "end-diastole without / with the balloon" },
  { id: "pa", label: "PA", role: "pa", keys: ["pa_systolic_mmHg", "pa_diastolic_mmHg"], small: true },
  { id: "cvp", label: "CVP", role: "cvp", keys: ["cvp_mmHg"], small: true },
  { id: "ratio", label: "Ratio", role: "balloon", keys: ["ratio"], before: "1:", small: true },
  { id: "volume", label: "Volume", unit: "mL", role: "balloon", keys: ["volume_mL"], small: true },
  { id: "helium", label: "He baseline", role: "balloon", keys: ["helium.baseline_mmHg"], small: true, help: "baseline of the balloon pressure, mmHg" },
  { id: "lost", label: "He lost", unit: "mL", role: "balloon", keys: ["helium.lost_mL"], digits: 1, small: true },
];
const UNITS = [["_per_min", "1/min"], ["_L_min_m2", "L/min/m²"], ["_L_min", "L/min"], ["_mL_min", "mL/min"], ["_mL_kg_h", "mL/kg/h"], ["_mmHg_mL", "mmHg·mL"], ["_mmHg_s", "mmHg·s"], ["_mmHg", "mmHg"], ["_mL", "mL"], ["_ms", "ms"],
  ["_W", "W"], ["_pct", "%"], ["_C", "°C"], ["_min", "min"], ["_s", "s"], ["_mmol_L", "mmol/L"]];
export const NAMES = {
  hr: "Heart rate", sbp: "Systolic pressure", dbp: "Diastolic pressure", map: "Mean arterial pressure", augmented_peak: "Augmented peak", end_diastolic: "End-diastolic pressure",
  assisted_systolic: "Assisted systolic pressure", cvp: "Central venous pressure", pcwp: "Wedge pressure", mean_pa: "Mean pulmonary artery pressure", co: "Cardiac output",
  sv: "Stroke volume", lv_ef: "LV ejection fraction", lv_edv: "LV end-diastolic volume", lv_esv: "LV end-systolic volume", rv_ef: "RV ejection fraction", stroke_work: "Stroke work",
  pva: "Pressure-volume area", ea: "Arterial elastance", tti: "Tension-time index (demand)", dpti: "Diastolic pressure-time index (supply)", evr: "Supply/demand ratio",
  coronary_flow: "Coronary flow", cpo: "Cardiac power output", svo2: "Mixed venous saturation", limb_flow: "Flow to both legs", sheathed_leg_flow: "Flow to the leg with the sheath", other_leg_flow: "Flow to the other leg", lactate: "Lactate", urine: "Urine", helium: "Helium", volume: "Balloon volume", ratio: "Ratio",
  pa_systolic: "PA systolic", pa_diastolic: "PA diastolic", pa_mean: "PA mean", unassisted_systolic: "Unassisted systolic pressure", assisted_end_diastolic: "Assisted end-diastolic pressure",
  inotropic_score: "Inotropic score of these drugs", vis: "Vasoactive-inotropic score of these",
};
export const DIGITS = { co: 1, lv_ef: 2, rv_ef: 2, svo2: 2, lactate: 1, urine: 1, cpo: 2, evr: 2, ea: 2, tti: 1, dpti: 1, inotropic_score: 1, vis: 1 };

// A key of the contracts as words and unit: `co_L_min` is Cardiac output in L/min.
export function words(key) {
  const [ending, unit] = UNITS.find(([one]) => key.endsWith(one)) || ["", ""];
  const stem = ending ? key.slice(0, -ending.length) : key, name = NAMES[stem] || stem.replaceAll(/[._]/g, " ");
  return { stem, name: name[0].toUpperCase() + name.slice(1), unit, digits: DIGITS[stem] ?? 0 };
}

// {helium: {lost_mL: 1}} as {"helium.lost_mL": 1}
const flat = (told, before = "") => Object.assign({}, ...Object.entries(told).map(([key, value]) => (value && typeof value === "object" ? flat(value, `${before}${key}.`) : { [before + key]: value })));

export class Numerics {
  constructor(host, list) {
    this.host = host;
    this.list = list;
    this.tiles = {};
    this.rows = {};
    for (const one of LARGE) {
      const value = make("span", { class: "value", text: "–" }), below = one.mean ? make("span", { class: "mean" }) : null;
      const tile = make("div", { class: `tile ${one.small ? "small" : ""} ${one.wide ? "wide" : ""}`, "data-role": one.role, "data-numeric": one.id, hidden: true, title: one.help },
        make("dt", {}, make("span", { text: one.label }), one.unit ? make("span", { class: "unit", text: one.unit }) : null), make("dd", {}, value, below));
      this.tiles[one.id] = { ...one, tile, value, below };
      host.append(tile);
    }
  }

  show(told) {
    const numerics = flat(told);
    for (const one of Object.values(this.tiles)) {
      if (!one.keys.some((key) => key in numerics)) continue;
      one.tile.hidden = false;
      const parts = one.keys.map((key) => number(numerics[key], one.digits));
      write(one.value, parts.every((part) => part === "–") ? "–" : (one.before || "") + parts.join("/"));
      if (one.mean) write(one.below, `(${number(numerics[one.mean])})`);
    }
    if (this.list) this.lines(numerics);
  }

  lines(numerics) {
    for (const [key, value] of Object.entries(numerics)) {
      if (value !== null && typeof value !== "number") continue;
      const { name, unit, digits } = words(key);
      if (!this.rows[key]) {
        this.rows[key] = make("td", { class: "number" });
        this.list.append(make("tr", { "data-numeric": key }, make("th", { scope: "row", text: name }), this.rows[key], make("td", { class: "unit", text: unit })));
      }
      write(this.rows[key], number(value, digits));
    }
  }
}
