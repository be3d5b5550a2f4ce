"""What `counterpulse run` tells: the JSON object, the words of the terminal, the page and the folder. Makes no numbers of its own.

Keys, units and signs as in CONTRACTS; a number that is not there is None.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpulse import __version__
from counterpulse.bed.beats import Cycle
from counterpulse.bed.compare import WITH, Arm, Outcome, Plan
from counterpulse.bed.timing import balloon_cycles
from counterpulse.body.gas import Form
from counterpulse.body.patient import Patient, Rhythm
from counterpulse.cohort.preset import Preset, load, names
from counterpulse.pump.settings import Settings, Trigger
from counterpulse.report.figures import Loop
from counterpulse.report.page import run_page
from counterpulse.report.tables import DASH, Row, change, number
from counterpulse.report.waves import Dots, Line, Panel, Waves
from counterpulse.whole import whole_folder

KEYS = (
    "sbp_mmHg", "dbp_mmHg", "map_mmHg", "augmented_peak_mmHg", "end_diastolic_mmHg", "assisted_systolic_mmHg", "cvp_mmHg", "pcwp_mmHg", "mean_pa_mmHg",
    "hr_per_min", "co_L_min", "sv_mL", "lv_ef", "lv_edv_mL", "lv_esv_mL", "rv_ef", "stroke_work_mmHg_mL", "pva_mmHg_mL", "ea_mmHg_mL", "tti_mmHg_s",
    "dpti_mmHg_s", "evr", "coronary_flow_mL_min", "cpo_W", "svo2", "limb_flow_mL_min",
)  # fmt: skip
SHOWN_S = 20.0  # of waves in the page
LEAST_MAP_MMHG = 25.0  # assumed: below it we say so
SILENT = {
    int(Rhythm.VENTRICULAR_FIBRILLATION): "ventricular fibrillation: the heart does not eject",
    int(Rhythm.ASYSTOLE): "asystole: the heart does not eject",
}
NOTICE = "Research and education only: a simulated patient, not a medical device, not for patient care."
ASSUMED = (
    "SvO2 assumes an oxygen consumption of 125 mL/min/m2 and an arterial saturation of 97 %; the reflex and the heart's oxygen answer the pump from this "
    "patient's own rest, with gains that are assumed."
)


class Quantity(NamedTuple):
    """A line of the table: key, words, unit, digits, factor from the key's unit to the one shown."""

    key: str
    label: str
    unit: str
    digits: int = 0
    factor: float = 1.0


GROUPS: dict[str, tuple[Quantity, ...]] = {
    "Pressures": (
        Quantity("sbp_mmHg", "systolic, without augmentation", "mmHg"),
        Quantity("dbp_mmHg", "diastolic (lowest)", "mmHg"),
        Quantity("map_mmHg", "mean", "mmHg"),
        Quantity("augmented_peak_mmHg", "peak in diastole (with the pump: augmentation)", "mmHg"),
        Quantity("end_diastolic_mmHg", "end-diastolic (PAEDP without, BAEDP with)", "mmHg"),
        Quantity("cvp_mmHg", "central venous", "mmHg", 1),
        Quantity("pcwp_mmHg", "pulmonary wedge", "mmHg", 1),
        Quantity("mean_pa_mmHg", "mean pulmonary artery", "mmHg", 1),
    ),
    "Flow and volume": (
        Quantity("hr_per_min", "heart rate", "1/min"),
        Quantity("co_L_min", "cardiac output", "L/min", 2),
        Quantity("sv_mL", "stroke volume, forward", "mL", 1),
        Quantity("aortic_regurgitant_mL", "back through the aortic valve, a beat", "mL", 1),
        Quantity("lv_ef", "LV ejection fraction", "%", 0, 100.0),
        Quantity("lv_edv_mL", "LV end-diastolic volume", "mL"),
        Quantity("lv_esv_mL", "LV end-systolic volume", "mL"),
        Quantity("rv_ef", "RV ejection fraction", "%", 0, 100.0),
        Quantity("limb_flow_mL_min", "leg flow", "mL/min"),
    ),
    "Work": (
        Quantity("stroke_work_mmHg_mL", "LV stroke work", "mmHg mL"),
        Quantity("pva_mmHg_mL", "LV pressure-volume area", "mmHg mL"),
        Quantity("ea_mmHg_mL", "arterial elastance", "mmHg/mL", 2),
        Quantity("cpo_W", "cardiac power output", "W", 2),
    ),
    "Oxygen balance": (
        Quantity("tti_mmHg_s", "tension-time index, a beat", "mmHg s", 1),
        Quantity("dpti_mmHg_s", "diastolic pressure-time index, a beat", "mmHg s", 1),
        Quantity("evr", "endocardial viability ratio", "1", 2),
        Quantity("coronary_flow_mL_min", "coronary flow", "mL/min"),
        Quantity("svo2", "mixed venous saturation (assumed consumption)", "%", 0, 100.0),
    ),
}


@dataclass(frozen=True)
class Told:
    """Everything that is printed or written of a run."""

    preset: Preset
    outcome: Outcome
    report: dict[str, Any]


def told_of(preset: Preset, outcome: Outcome, certificate: dict[str, float]) -> Told:
    """Put the JSON object together."""
    plan = outcome.plan
    first, second = outcome.without.mean, outcome.assisted.mean
    keys = list(dict.fromkeys([*KEYS, *first, *second]))
    second = second | {"assisted_systolic_mmHg": assisted_systolic(outcome)}
    difference = {key: minus(second.get(key), first.get(key)) for key in keys}
    report = {
        "preset": preset.name,
        "seed": int(plan.patient.seed),
        "site": plan.site,
        "seconds": plan.seconds,
        "form": Form(int(plan.catheter.form)).name.lower(),
        "without": {key: first.get(key) for key in keys} | {"augmented_peak_mmHg": None},
        "with": {key: second.get(key) for key in keys},
        "change": difference | {"augmented_peak_mmHg": None},
        "timing": outcome.timing,
        "certificate": {"step_halving": None} | {key: value if np.isfinite(value) else None for key, value in certificate.items()},
        "faults": outcome.faults,
        "remarks": remarks(outcome),
        "version": __version__,
    }
    report["diastolic_peak_mmHg"] = {"without": first.get("augmented_peak_mmHg"), "with": second.get("augmented_peak_mmHg")}
    return Told(preset, outcome, report)


def assisted_systolic(outcome: Outcome) -> float | None:
    """Mean systolic peak at the site over the beats with the pump that follow an inflation, mmHg; None where there is none."""
    arm, wave = outcome.assisted, outcome.assisted.wave
    falls = np.array([down for _, down, _ in balloon_cycles(wave.balloon_mL)])
    longest = 1.0 / wave.sample_s  # an inflation further back than 1 s is not this beat's
    after = [(cycle, row) for cycle, row in zip(arm.cycles, arm.rows, strict=False) if inflated_before(cycle, arm.cycles, falls, longest)]
    return float(np.mean([row["sbp_mmHg"] for _, row in after])) if after else None


def inflated_before(cycle: Cycle, every: list[Cycle], falls: NDArray[np.float64], longest: float) -> bool:
    """Whether the balloon emptied between the closure before this beat and this beat's own closure."""
    closed = [one.closes for one in every if one.closes <= cycle.opens]
    since = closed[-1] if closed else cycle.opens - longest
    return bool(((falls > since) & (falls < cycle.closes)).any())


def beatless(plan: Plan) -> str:
    """Why a rhythm with beats showed none."""
    few = plan.seconds * float(plan.patient.heart_rate_per_min) < 2.0 * 60.0
    return "a slow heart needs a longer run (--seconds)" if few else "the ventricle ejects nothing: nobody lives with that"


def remarks(outcome: Outcome) -> list[str]:
    """What a reader must know before reading the numbers; nothing in most runs."""
    plan, found = outcome.plan, []
    for name, arm in (("without the pump", outcome.without), ("with the pump", outcome.assisted)):
        if not arm.rows:
            why = SILENT.get(int(plan.patient.rhythm)) or beatless(plan)
            fooled = arm is outcome.assisted and np.any(outcome.trace.valve[:, WITH] > 0)
            driven = " The pump inflated all the same: it took something for beats." if fooled else ""
            found.append(f"No whole heart beat was seen {name} in the {plan.seconds:g} s kept ({why}); its numbers are absent, not zero.{driven}")
        elif (pressure := arm.mean["map_mmHg"]) is not None and pressure < LEAST_MAP_MMHG:
            found.append(f"The mean arterial pressure {name} is {pressure:.0f} mmHg: nobody lives with that, and the model was not checked there.")
    if Trigger(int(plan.settings.trigger)) == Trigger.INTERNAL and outcome.without.rows:
        found.append("The internal trigger ignores the heart: a balloon that does so with a beating heart inflates against ejection too. Never for a patient.")
    if plan.settings.standby or plan.settings.volume_mL == 0 or plan.catheter.nominal_mL == 0:
        found.append("The pump was told not to drive (standby, or a volume of 0 mL): 'with pump' is an empty balloon in the aorta.")
    elif outcome.timing["lock_s"] is None and not np.any(outcome.trace.valve[:, WITH] > 0):
        found.append("The pump never inflated: it found no trigger that it could trust in this signal.")
    return found


def minus(a: float | None, b: float | None) -> float | None:
    """Difference, None where either is absent."""
    return None if a is None or b is None else a - b


def table(told: Told) -> list[Row]:
    """Rows of the table without / with / change."""
    rows = []
    for group, quantities in GROUPS.items():
        for q in quantities:
            sides = {side: told.report[side].get(q.key) for side in ("without", "with")}
            pair = told.report["diastolic_peak_mmHg"] if q.key == "augmented_peak_mmHg" else sides
            shown = [None if value is None else value * q.factor for value in (pair["without"], pair["with"])]
            rows.append(Row(q.label, q.unit, shown[0], shown[1], q.digits, group))
    return rows


def timing_lines(told: Told) -> list[str]:
    """How the balloon was timed, in words."""
    t = told.report["timing"]
    lines = [f"Timing over {t['beats']} beats: {percent(t['assisted_share'])} of the beats that the ratio allows were assisted."]
    for what, key, event in (("Inflation", "inflation_error_ms", "closure"), ("Emptied", "deflation_error_ms", "the next opening")):
        e = t[key]
        if e["mean"] is not None:
            lines.append(
                f"{what} against {event} of the aortic valve in a twin without inflation: mean {number(e['mean'], 0, signed=True)} ms, "
                f"SD {number(e['sd'], 0)} ms, {percent(e['within_20_ms'])} within 20 ms (late is +)."
            )
    if t["assisted_share"] is None:
        lines = ["Timing: too few heart beats to judge it."]
    if t["lock_s"] is not None:
        lines.append(f"First inflation {t['lock_s']:.1f} s after switch-on.")
    return lines


def trust_lines(told: Told) -> list[str]:
    """How far the numbers are converged, in words."""
    c = told.report["certificate"]
    lines = [f"Drift of mean pressure and stroke volume from the first to the second half of the run: {percent(c['beat_to_beat'], 2)}."]
    if c["step_halving"] is not None:
        means, peaks = percent(c["step_halving"], 3), percent(c["step_halving_peaks"], 3)
        lines.append(f"Halving every time step changes mean pressures by at most {means}, peaks by {peaks}.")
    return lines + [f"Fault: {fault}." for fault in told.report["faults"]]


def percent(share: float | None, digits: int = 0) -> str:
    """A share in per cent."""
    return DASH if share is None else f"{100 * share:.{digits}f} %"


def words(told: Told, folder: Path | None) -> str:
    """What the terminal prints."""
    lines, group = [f"{'':50s} {'without':>10s} {'with pump':>10s}  {'change':>16s}"], ""
    for row in table(told):
        if row.group != group:
            group = row.group
            lines += ["", group]
        pair = f"{number(row.without, row.digits):>10s} {number(row.with_pump, row.digits):>10s}"
        lines.append(f"  {row.label:48s} {pair}  {change(row):>16s}  {row.unit if row.unit != '1' else ''}".rstrip())
    lines = [*told.report["remarks"], *([""] if told.report["remarks"] else []), *lines]
    lines += ["", *timing_lines(told), *trust_lines(told), "", ASSUMED, NOTICE]
    if folder is not None:
        name = told.preset.name if is_shipped(told.preset) else str(folder / "patient.toml")
        lines += ["", f"Report: {folder / 'report.html'}", "", "Try next:"]
        lines += [
            f"  {f'counterpulse run {name} --ratio 2':52s} every other beat",
            f"  {f'counterpulse run {name} --inflation-trim-ms -80':52s} inflate too early",
            f"  {'counterpulse run aortic-regurgitation':52s} why it is a contraindication",
            f"  {'counterpulse presets':52s} the other patients",
            f"  {'counterpulse replay RECORD':52s} the same pump along a real recording: WFDB, EDF, CSV, or mitdb/100 from PhysioNet",
        ]
    return "\n".join(lines)


def is_shipped(preset: Preset) -> bool:
    """Whether this is a preset of the package as it is, rather than a user's own file."""
    return preset.name in names() and bool(preset.patient == load(preset.name).patient)


def last(arm: Arm, seconds: float) -> slice:
    """The last whole beats of about so many seconds."""
    start = max(len(arm.wave) - round(seconds / arm.wave.sample_s), 0)
    return slice(start, len(arm.wave))


def pictures(told: Told) -> Waves:
    """Waves of the last seconds: ECG, arterial pressure without and with, balloon pressure, aortic flow."""
    out, site = told.outcome, told.outcome.plan.site
    fs = out.plan.fs_hz
    part = last(out.assisted, SHOWN_S)
    a, b = out.without.wave, out.assisted.wave
    spans = np.array([(up / fs, down / fs) for up, down, _ in balloon_cycles(b.balloon_mL[part])] or np.empty((0, 2)))
    line = lambda name, values, role, marked=False: Line(name, np.asarray(values[part]), fs, role, marked=marked)  # noqa: E731
    ecg = out.trace.samples["ecg_mV"][:, 1, 0]
    r_waves = Dots("R wave of the pump", trigger_times(out, part), "r", "triangle-down", at=0.97)
    arterial = [line("without", getattr(a, site), "without"), line("with pump", getattr(b, site), "with", marked=True)]
    panels = [
        Panel("ECG, lead II", "mV", [line("ECG", ecg, "ecg")], [r_waves], 0.6),
        Panel(f"Arterial pressure, {site}", "mmHg", arterial, (), 1.4),
        Panel("Balloon pressure at the console", "mmHg", [line("console", b.console, "balloon")], (), 0.8),
        Panel("Balloon volume", "mL", [line("balloon", b.balloon_mL, "balloon")], (), 0.6),
        Panel("Left ventricle", "mmHg", [line("without", a.lv, "without"), line("with pump", b.lv, "with")], (), 0.9),
        Panel("Aortic valve flow", "mL/s", [line("without", a.aortic, "without"), line("with pump", b.aortic, "with")], (), 0.8),
    ]
    return Waves(panels, spans, 5.0, 0.0)


def trigger_times(out: Outcome, part: slice) -> NDArray[np.float64]:
    """R waves that the pump recognised, s from the start of the waves shown: the console's own count ends with the last sample kept."""
    marks = out.trace.trigger[part, WITH]
    changed = np.flatnonzero(np.diff(marks)) + 1
    count_at_start = out.samples - len(out.trace.beat) + part.start
    return (marks[changed] - count_at_start) / out.plan.fs_hz


def loops_of(arm: Arm, role: str, words_: str) -> list[Loop]:
    """The last three LV loops of an arm."""
    if not arm.rows:
        return []
    cycles = arm.cycles[: len(arm.rows)][-3:]
    whole = slice(cycles[0].opens, cycles[-1].ends + 1)
    return [Loop(words_, arm.wave.lv_mL[whole], arm.wave.lv[whole], role)]


def page_of(told: Told) -> str:
    """The report page."""
    about = [told.preset.about] if told.preset.about else []
    notes = [*about, *timing_lines(told), *trust_lines(told), ASSUMED, NOTICE, f"counterpulse {__version__}, seed {told.report['seed']}."]
    notes += [f"Target {t.name} {t.value:g} {t.unit}: {t.source} (certainty {t.certainty})." for t in told.preset.targets]
    loops = loops_of(told.outcome.without, "without", "without") + loops_of(told.outcome.assisted, "with", "with pump")
    return run_page(told.preset.title, table(told), pictures(told), loops, notes, " ".join(told.report["remarks"]))


def patient_toml(told: Told) -> str:
    """The patient, the pump's settings and the catheter that ran, as a file to run again."""
    patient, settings = told.outcome.plan.patient, told.outcome.plan.settings
    lines = ["# The patient and the pump of this run: counterpulse run patient.toml", "[preset]"]
    lines += [f"{name} = {json.dumps(getattr(told.preset, name), ensure_ascii=False)}" for name in ("name", "title", "about")]
    lines += ["", "[catheter]", f'size = "{told.preset.catheter}"', "", "[patient]"]
    lines += [f"{name} = {patient[name].item()!r}" for name in Patient.fields()]  # pyright: ignore[reportIndexIssue]
    lines += ["", "[pump]"]
    lines += [f"{name} = {settings[name].item()!r}" for name in Settings.quantities()]  # pyright: ignore[reportIndexIssue]
    return "\n".join(lines) + "\n"


def beats_csv(told: Told) -> str:
    """One line a beat and arm."""
    import polars as pl  # noqa: PLC0415  slow to import

    arms = {"without": told.outcome.without, "with": told.outcome.assisted}
    rows = [{"arm": name, "beat": i, **row} for name, arm in arms.items() for i, row in enumerate(arm.rows)]
    return pl.DataFrame(rows).fill_nan(None).write_csv() if rows else "arm,beat\n"


def write(told: Told, folder: Path) -> None:
    """The folder of a run, whole or not at all."""
    with whole_folder(folder) as draft:
        (draft / "report.html").write_text(page_of(told), encoding="utf-8")
        (draft / "run.json").write_text(json.dumps(told.report, allow_nan=False, indent=1), encoding="utf-8")
        (draft / "beats.csv").write_text(beats_csv(told), encoding="utf-8")
        (draft / "patient.toml").write_text(patient_toml(told), encoding="utf-8")

