"""Sets published effects beside the simulation: this project's pump, one that does nothing, and a balloon of prescribed volume.

Knows presets, how a row names them, and verdicts; tunes nothing. A verdict per row, and what was simulated.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from counterpulse.bed.compare import Outcome, Plan, compare
from counterpulse.body import coronary, vessels
from counterpulse.body.gas import CATHETERS, Form, catheter, no_catheter
from counterpulse.body.patient import Patient
from counterpulse.cohort.acute import at_once
from counterpulse.cohort.baselines import brought, shifted
from counterpulse.cohort.console import console_of
from counterpulse.cohort.measures import quantity
from counterpulse.cohort.preset import Preset, changed, load
from counterpulse.cohort.published import Arm, Effect, judge
from counterpulse.pump.settings import Settings

SECONDS, SETTLE_S, RATE_HZ = 30.0, 60.0, 1000.0
HEALTHY_RESERVE = 4.0  # Gould 1974 Am J Cardiol 33:87: 4 to 5 (from memory)
STENOSES = {"moderate": 0.5, "critical": 1.0, "severe": 1.5}  # of the resistance that just exhausts the bed's reserve at rest (assumed)
PRESCRIBED_ONSET_ms = 16.0  # a balloon of prescribed volume has no line: from the command to 10 % filled (measured in the closed loop)
BETWEEN = ("effect_share", "effect_ratio", "effect_percent", "difference_of_effects")  # measures that set two assisted arms against each other
KEPT = 4  # whole outcomes at a time (some 30 MB each)
PUMPS = ("counterpulse", "null", "volume_source")
# In the studies a person set the balloon to be empty when the valve opens (conventional; pump.md 3.4); a console left to itself keeps a margin before that. So
# deflation is trimmed per patient and balloon to the step whose mean error at 1:1 is nearest to what the row says (`empty_ms` after opening; 0 unless it says).
TRIMS_ms = (0.0, 20.0, 40.0, 60.0, 80.0, 100.0, 120.0)
PROBE_S, PROBE_SETTLE_S = 15.0, 40.0
SPREAD_SD = (-1.0, 0.0, 1.0)  # where a correlation over patients is asked for and a paper prints their spread, each preset stands for three of them
COMPLIANCES = ("aortic_compliance_mL_mmHg", "branch_compliance_mL_mmHg", "arm_compliance_mL_mmHg", "leg_compliance_mL_mmHg")
LEAST_mmHg = 20.0  # resistance is searched as if pressure stood on this (any value between venous and closing pressure converges)


def share(part: float, whole: float) -> float:
    """Part over whole; NaN where there is no whole."""
    return part / whole if whole else float("nan")


@dataclass(frozen=True)
class Row:
    """One effect with what the three pumps show."""

    effect: Effect
    simulated: dict[str, float | None]
    verdict: dict[str, str]
    distance: dict[str, float | None]


def numbers_of(patient: Patient, fields: dict[str, Any]) -> dict[str, float]:
    """What a row asks for as fields of a preset's patient; words for coronary disease and aortic compliance become numbers of this patient."""
    plain: dict[str, float] = {}
    for name, value in fields.items():
        if name == "coronary_stenosis":
            total = coronary.resting_resistance(patient.coronary_demand_mL_min / 60.0)
            plain["coronary_reserve"] = HEALTHY_RESERVE
            plain["coronary_stenosis_mmHg_s_mL"] = STENOSES[value] * total * (1.0 - 1.0 / HEALTHY_RESERVE)
        elif name == "coronary_reserve":
            plain |= {"coronary_reserve": value, "coronary_stenosis_mmHg_s_mL": 0.0}
        elif name == "aortic_compliance_factor":
            plain["aortic_compliance_mL_mmHg"] = float(patient.aortic_compliance_mL_mmHg) * value
        elif name == "body_kg":  # arteries are as soft as the body is heavy
            plain |= {one: plain.get(one, float(getattr(patient, one))) * value / float(patient.weight_kg) for one in COMPLIANCES} | {"weight_kg": value}
        elif name == "aorta_of_years":
            plain |= {"age_years": value, "aortic_compliance_mL_mmHg": aorta_at(value, float(patient.aortic_diameter_mm))}
        elif name == "total_compliance":
            others = patient.arm_compliance_mL_mmHg + patient.leg_compliance_mL_mmHg + patient.branch_compliance_mL_mmHg
            plain["aortic_compliance_mL_mmHg"] = value - float(others)
        else:
            plain[name] = value
    return plain


def aorta_at(years: float, diameter_mm: float) -> float:
    """Compliance at the reference pressure, mL/mmHg, of a whole aorta of that age and width (Langewouters 1984, as in `body.vessels`)."""
    centre, width = vessels.at_age(years)
    slope = (vessels.REFERENCE_MMHG - centre) / width
    stretch = 1.0 / (math.pi * width * (1.0 + slope * slope) * (0.5 + math.atan(slope) / math.pi))  # 1/mmHg
    return stretch * 0.25 * math.pi * 0.01 * diameter_mm * diameter_mm * vessels.SOFT_CM


def diastolic(patient: Patient) -> float:
    """Mean root pressure of diastole without the pump, mmHg."""
    alone = Plan(patient, no_catheter(), Settings(standby=1), PROBE_S, "root", RATE_HZ, PROBE_SETTLE_S, regulated=False)
    return quantity(compare(alone), "off", "mean_diastolic_mmHg")


def to_diastolic(patient: Patient, aim: float) -> Patient:
    """The patient with the systemic resistance at which mean diastolic pressure is `aim`."""
    for _ in range(3):
        factor = (aim - LEAST_mmHg) / (diastolic(patient) - LEAST_mmHg)
        patient = changed(patient, {"systemic_resistance_mmHg_s_mL": float(patient.systemic_resistance_mmHg_s_mL) * factor})
    return patient


class Bench:
    """Runs each arm once and remembers its numbers; of whole outcomes, which hold every sample, only the last few. `tell` hears of each run."""

    def __init__(self, tell: Callable[[], None] = lambda: None, effects: Sequence[Effect] = ()) -> None:
        """Nothing run yet; `effects` tell which numbers of an arm will be asked for."""
        self.known: dict[Any, Outcome] = {}
        self.numbers: dict[Any, float] = {}
        self.asked: dict[str, set[str]] = {}
        for effect in effects:
            for arm in named_arms(effect):
                self.asked.setdefault(repr(arm), set()).update(one for one in (effect.quantity, effect.beside) if one)
        self.late: dict[Any, list[float]] = {}
        self.brought: dict[Any, Patient] = {}
        self.tell = tell

    def outcome(self, preset_name: str, arm: Arm, form: Form) -> Outcome:
        """One preset without and with the pump."""
        key = (preset_name, repr(arm), form)
        if key not in self.known:
            preset = load(preset_name)
            size = arm.catheter or preset.catheter
            patient = self.patient(preset, arm)
            known = self.console(preset, size, arm, form)
            plan = Plan(patient, catheter(size, form=form), console_of(preset, size, known, preset_name), SECONDS, "root", RATE_HZ, SETTLE_S)
            while len(self.known) >= KEPT:
                self.known.pop(next(iter(self.known)))
            self.known[key] = at_once(plan, arm.acute_s) if arm.acute_s else compare(plan)
            self.tell()
        return self.known[key]

    def number(self, preset_name: str, arm: Arm, form: Form, name: str, key: str) -> float:
        """A number of one arm, `off` or `on`; with the first of an arm all that will be asked of it are taken."""
        place = (preset_name, repr(arm), form)
        if (place, name, key) not in self.numbers:
            outcome = self.outcome(preset_name, arm, form)
            for one in {key} | self.asked.get(repr(arm), set()):
                self.numbers |= {(place, side, one): quantity(outcome, side, one) for side in ("off", "on")}
        return self.numbers[place, name, key]

    def patient(self, preset: Preset, arm: Arm) -> Patient:
        """The preset's patient with what a row asks for, in the state that the paper prints (`baseline`).

        Two words need runs of their own, in which systemic resistance brings the mean diastolic pressure to what a paper prints before the pump
        (`mean_diastolic_mmHg`), or back to where it was in a hydraulic rig, whose beds do not close (`rig`).
        """
        fields = dict(arm.patient)
        wanted, rig = fields.pop("mean_diastolic_mmHg", None), fields.pop("rig", False)
        known = numbers_of(preset.patient, fields)
        found = changed(preset.patient, known)
        if wanted is None and not rig and arm.baseline is None:
            return found
        key = (preset.name, repr(arm.patient), repr(arm.baseline))
        if key not in self.brought:
            aim = diastolic(found) if wanted is None else float(wanted)
            known = known | {"closing_mmHg": 0.0} if rig else known
            found = to_diastolic(changed(found, known), aim) if rig or wanted is not None else found
            self.brought[key] = found if arm.baseline is None else brought(preset, found, known, arm.baseline)
        return self.brought[key]

    def console(self, preset: Preset, size: str, arm: Arm, form: Form) -> dict[str, float]:
        """What is set at the console for an arm, deflation trimmed unless the arm does so itself."""
        known = dict(arm.setting) if form == Form.PNEUMATIC else {"line_delay_ms": PRESCRIBED_ONSET_ms, **arm.setting}
        empty_ms = known.pop("empty_ms", 0.0)
        if "trigger_ms" in known:  # the console aims with the balloon's onset; a paper that prints the command's time has the line's delay in it
            known["inflation_trim_ms"] = known.pop("trigger_ms") + known.get("line_delay_ms", CATHETERS[size].onset_ms)
        return known if "deflation_trim_ms" in known else {"deflation_trim_ms": self.trim(preset, size, arm, form, empty_ms), **known}

    def trim(self, preset: Preset, size: str, arm: Arm, form: Form, empty_ms: float) -> float:
        """The trim at which the balloon is empty `empty_ms` after the valve opens, nearest step, mean over beats at 1:1."""
        arm = replace(arm, patient={name: value for name, value in arm.patient.items() if name != "head_up_deg"})  # trimmed flat
        rate = {name: value for name, value in arm.patient.items() if name == "heart_rate_per_min"}
        key = (preset.name, size, repr(rate), repr(arm.baseline), form)
        if key not in self.late:
            patient = changed(preset.patient, rate) if arm.baseline is None else self.patient(preset, arm)
            self.late[key] = [self.lateness(preset, size, patient, form, trim) for trim in TRIMS_ms]
        return TRIMS_ms[int(np.argmin(np.abs(np.array(self.late[key]) - empty_ms)))]

    @staticmethod
    def lateness(preset: Preset, size: str, patient: Patient, form: Form, trim: float) -> float:
        """Mean error of deflation with a trim, ms; far off where it cannot be told."""
        asked = {"deflation_trim_ms": trim} | ({} if form == Form.PNEUMATIC else {"line_delay_ms": PRESCRIBED_ONSET_ms})
        settings = console_of(preset, size, asked, preset.name)
        plan = Plan(patient, catheter(size, form=form), settings, PROBE_S, "root", RATE_HZ, PROBE_SETTLE_S)
        mean = compare(plan).timing["deflation_error_ms"]["mean"]
        return float(mean) if mean is not None and np.isfinite(mean) else 1e3

    def effect(self, preset_name: str, arm: Arm, form: Form, key: str, measure: str) -> float:
        """The pump's effect on a quantity in one preset: on against off, as the measure says."""
        off, on = (self.number(preset_name, arm, form, name, key) for name in ("off", "on"))
        if measure == "value":
            return on
        if measure == "over_dbp":
            return on - self.number(preset_name, arm, form, "off", "dbp_mmHg")
        return 100.0 * (share(on, off) - 1.0) if measure == "percent" else on - off

    def between(self, preset_name: str, effect: Effect, form: Form) -> float:
        """Assisted against otherwise assisted: as the measure of the row says."""
        arm, other = effect.arm, effect.versus or Arm()
        if effect.measure in ("effect_share", "effect_ratio"):
            mine, theirs = (self.effect(preset_name, one, form, effect.quantity, "percent") for one in (arm, other))
            return mine - theirs if effect.measure == "effect_ratio" else share(mine, theirs)
        mine, theirs = (self.number(preset_name, one, form, "on", effect.quantity) for one in (arm, other))
        return 100.0 * (share(mine, theirs) - 1.0) if effect.measure == "percent" else mine - theirs

    def simulate(self, effect: Effect, form: Form) -> float | None:
        """The mean over the presets that stand for the population; None where the model has nothing to say."""
        if effect.not_modelled:
            return None
        if effect.measure == "correlation":
            return self.correlated(effect, form)
        if effect.measure == "effect_percent":  # of the mean effect: a single patient's may be next to nothing
            arms = (effect.arm, effect.versus or Arm())
            mine, theirs = (sum(self.effect(name, arm, form, effect.quantity, "difference") for name in effect.presets) for arm in arms)
            return 100.0 * (share(mine, theirs) - 1.0)
        if effect.cases:
            told = [self.effect(name, arm, form, effect.quantity, effect.measure) for arm in effect.cases for name in effect.presets]
            return effect.scale * float(np.mean(told)) if np.isfinite(told).all() else None
        values = []
        for name in effect.presets:
            if effect.kind == "order":
                doses = [self.effect(name, replace(effect.arm, setting=step), form, effect.quantity, "percent") for step in effect.steps]
                values.append(float(np.diff(doses).min()))
            elif effect.versus is not None:
                values.append(self.between(name, effect, form))
            else:
                values.append(self.effect(name, effect.arm, form, effect.quantity, effect.measure))
        mean = effect.scale * float(np.mean(values))
        return mean if np.isfinite(mean) else None

    def correlated(self, effect: Effect, form: Form) -> float | None:
        """Over patients: the size of a change, beside another number of the assisted arm."""
        pairs = []
        for name in effect.presets:
            for arm in spread_of(effect.arm):
                change = abs(self.effect(name, arm, form, effect.quantity, "difference"))
                pairs.append((change, self.number(name, arm, form, "on", effect.beside)))
        found = float(np.corrcoef(np.array(pairs).T)[0, 1])
        return found if np.isfinite(found) else None


def spread_of(arm: Arm) -> list[Arm]:
    """The patients that one preset stands for where a correlation is asked for."""
    if arm.baseline is None or not arm.baseline.sd:
        return [arm]
    return [replace(arm, baseline=shifted(arm.baseline, by)) for by in SPREAD_SD]


def named_arms(effect: Effect) -> list[Arm]:
    """Every arm that a row runs in each of its presets."""
    if effect.not_modelled:
        return []
    if effect.measure == "correlation":
        return spread_of(effect.arm)
    steps = [replace(effect.arm, setting=step) for step in effect.steps]
    return steps or list(effect.cases) or [effect.arm, *([effect.versus or Arm()] if effect.versus or effect.measure in BETWEEN else [])]


def arms_of(effects: list[Effect]) -> int:
    """How many comparisons `validate` runs."""
    return 2 * len({(name, repr(arm)) for effect in effects for name in effect.presets for arm in named_arms(effect)})


def validate(effects: list[Effect], tell: Callable[[], None] = lambda: None) -> list[Row]:
    """Every effect under the three pumps; the one that does nothing shows no change by definition."""
    bench = Bench(tell, effects)
    rows = []
    for effect in effects:
        simulated = {
            "counterpulse": bench.simulate(effect, Form.PNEUMATIC),
            "null": None if effect.not_modelled else 0.0,
            "volume_source": bench.simulate(effect, Form.SOURCE),
        }
        judged = {pump: judge(effect, value) for pump, value in simulated.items()}
        rows.append(Row(effect, simulated, {pump: one[0] for pump, one in judged.items()}, {pump: one[1] for pump, one in judged.items()}))
    return rows


def report(rows: list[Row]) -> dict[str, Any]:
    """The object of `counterpulse validate --json`."""
    count = lambda pump, verdict: sum(row.verdict[pump] == verdict for row in rows)  # noqa: E731
    return {
        "rows": [row_of(row) for row in rows],
        **{verdict: count("counterpulse", verdict) for verdict in ("hit", "near", "miss")},
        "null_pump_hit": count("null", "hit"),
        "volume_source_hit": count("volume_source", "hit"),
    }


def row_of(row: Row) -> dict[str, Any]:
    """One row as JSON; an endless limit is null."""
    e = row.effect
    ends = [None if np.isinf(value) else value for value in (e.low, e.high)]
    return {
        "id": e.id, "verdict": row.verdict["counterpulse"], "simulated": row.simulated["counterpulse"], "published": e.mean, "low": ends[0], "high": ends[1],
        "distance": row.distance["counterpulse"], "kind": e.kind, "quantity": e.quantity, "measure": e.measure, "population": e.population,
        "presets": list(e.presets), "n": e.n, "interval": e.interval, "source": e.source, "certainty": e.certainty, "text": e.text,
        "not_modelled": e.not_modelled or None, "null": row.verdict["null"], "volume_source": row.verdict["volume_source"],
        "volume_source_simulated": row.simulated["volume_source"], "baseline": e.arm.baseline and e.arm.baseline.observed,
        "why_not": None if row.verdict["counterpulse"] == "hit" else e.why or None,
    }  # fmt: skip
