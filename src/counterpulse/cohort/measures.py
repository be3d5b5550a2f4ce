"""Numbers of a comparison that papers report and a plain mean does not hold: augmentation over native diastole, phases of coronary flow, resistance.

Knows an `Outcome`; runs nothing. Every function takes the outcome and an arm's name, `off` or `on`. mmHg, mL, mL/s.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from counterpulse.bed.beats import feet
from counterpulse.bed.compare import Arm, Outcome
from counterpulse.body import vessels
from counterpulse.body.valves import DENSITY


def arm(outcome: Outcome, name: str) -> Arm:
    """The arm of that name."""
    return outcome.without if name == "off" else outcome.assisted


def assisted_cycles(outcome: Outcome) -> list[Any]:
    """Cycles of the assisted arm whose diastole has the balloon in it."""
    wave = outcome.assisted.wave
    half = 0.5 * float(wave.balloon_mL.max())
    cycles = outcome.assisted.cycles[: len(outcome.assisted.rows)]
    return [cycle for cycle in cycles if half > 1.0 and wave.balloon_mL[cycle.closes : cycle.ends].max() > half]


def native(outcome: Outcome, after: int) -> float:
    """Mean root pressure without the pump so many samples after the valve has closed."""
    one = outcome.without
    there = [cycle.closes + after for cycle in one.cycles[: len(one.rows)] if cycle.closes + after < cycle.ends]
    return float(np.mean(one.wave.root[there])) if there else float("nan")


def augmentation(outcome: Outcome, name: str) -> float:
    """Highest root pressure of an assisted diastole less what the patient without the pump has so long after the closure; 0 without the pump.

    At 1:1 no beat is unassisted, so the native pressure can only be that with the pump off (Kolyva 2009 recorded both).
    """
    if name == "off":
        return 0.0
    wave = outcome.assisted.wave
    delays = [(cycle.closes, int(np.argmax(wave.root[cycle.closes : cycle.ends]))) for cycle in assisted_cycles(outcome)]
    gains = np.array([wave.root[closes + after] - native(outcome, after) for closes, after in delays])
    return float(np.nanmean(gains)) if np.isfinite(gains).any() else 0.0


def rise(outcome: Outcome, name: str) -> float:
    """Highest root pressure of an assisted diastole less that at the closure before it: what the pump adds within the beat; 0 without the pump."""
    wave = outcome.assisted.wave
    gains = [wave.root[cycle.closes : cycle.ends].max() - wave.root[cycle.closes] for cycle in assisted_cycles(outcome)] if name != "off" else []
    return float(np.mean(gains)) if gains else 0.0


def assisted_end_diastole(outcome: Outcome, name: str) -> float:
    """End-diastolic root pressure after assisted diastoles; without the pump that of every beat."""
    if name == "off":
        return float(outcome.without.mean["end_diastolic_mmHg"] or np.nan)
    wave, ends = outcome.assisted.wave, np.array([cycle.ends for cycle in assisted_cycles(outcome)], np.int64)
    return float(np.mean(feet(wave.root, ends, wave.sample_s))) if len(ends) else float(outcome.assisted.mean["end_diastolic_mmHg"] or np.nan)


def towards_heart(outcome: Outcome, name: str) -> float:
    """Blood that flows back through the arch in an assisted diastole while the balloon fills, mL; 0 without the pump."""
    if name == "off":
        return 0.0
    wave = outcome.assisted.wave
    spans = [slice(c.closes, c.closes + int(np.argmax(wave.balloon_mL[c.closes : c.ends])) + 1) for c in assisted_cycles(outcome)]
    return float(np.mean([-np.minimum(wave.arch[span], 0.0).sum() for span in spans])) * wave.sample_s if spans else 0.0


def wave_speed(patient: Any, pressure: float) -> float:
    """Pulse wave velocity of the thoracic aorta at a pressure, cm/s (Bramwell and Hill)."""
    area = 0.25 * math.pi * 0.01 * float(patient.aortic_diameter_mm) ** 2
    centre, width = vessels.at_age(float(patient.age_years))
    stiffness = vessels.stiffer(pressure, centre, width) / vessels.stiffer(vessels.REFERENCE_MMHG, centre, width)
    length = vessels.SOFT_CM * float(patient.aortic_length_cm) / vessels.AORTA_CM
    return math.sqrt(area * length * stiffness / (DENSITY * float(patient.aortic_compliance_mL_mmHg)))


def returned_energy(outcome: Outcome, name: str, compression: bool) -> float:
    """Energy of the wave that the balloon sends back to the arch in a beat, mmHg cm (Parker 1990 J Biomech Eng 112:322), as it fills or as it empties.

    From root pressure and the arch's flow over its area; with a wave speed c the part that runs against the flow is (dP - rho c dU)^2 / (4 rho c).
    """
    if name == "off":
        return 0.0
    wave, patient = outcome.assisted.wave, outcome.plan.patient
    impedance = DENSITY * wave_speed(patient, float(outcome.assisted.mean["map_mmHg"] or vessels.REFERENCE_MMHG))
    area = 0.25 * math.pi * 0.01 * float(patient.aortic_diameter_mm) ** 2
    back = 0.5 * (np.diff(wave.root) - impedance * np.diff(wave.arch) / area) / wave.sample_s
    moving = np.diff(wave.balloon_mL) > 0.0
    part = (moving & (back > 0.0)) if compression else (~moving & (back < 0.0))
    spans = [slice(cycle.closes, cycle.ends) for cycle in assisted_cycles(outcome)]
    return float(np.mean([np.sum(back[span][part[span]] ** 2) for span in spans])) * wave.sample_s / impedance if spans else 0.0


def over_beats(outcome: Outcome, name: str, measure: Callable[[Any, Any], float]) -> float:
    """Mean over whole beats of `measure(wave, cycle)`."""
    one = arm(outcome, name)
    values = [measure(one.wave, cycle) for cycle in one.cycles[: len(one.rows)]]
    return float(np.mean(values)) if values else float("nan")


def resistance(outcome: Outcome, name: str) -> float:
    """Systemic vascular resistance, mmHg s/mL."""
    mean = arm(outcome, name).mean
    return 60.0 / 1000.0 * (mean["map_mmHg"] - mean["cvp_mmHg"]) / mean["co_L_min"]  # type: ignore[operator]


def elastance(outcome: Outcome, name: str) -> float:
    """End-systolic elastance of the left ventricle from each loop, mmHg/mL."""
    v0 = float(outcome.plan.patient.lv_v0_mL)
    return over_beats(outcome, name, lambda wave, c: float((wave.lv[c.opens : c.ends] / np.maximum(wave.lv_mL[c.opens : c.ends] - v0, 1.0)).max()))


def kinds_of_beats(outcome: Outcome) -> dict[str, list[dict[str, float]]]:
    """Rows of the assisted arm's beats: those whose diastole has the balloon in it, those that follow one, and the free ones (a ratio of 1:3 has all)."""
    one = outcome.assisted
    inflated = {cycle.opens for cycle in assisted_cycles(outcome)}
    found: dict[str, list[dict[str, float]]] = {"inflated": [], "following": [], "free": []}
    before = True
    for cycle, row in zip(one.cycles, one.rows, strict=False):
        here = cycle.opens in inflated
        if not (here and before):  # a beat that is both, or the first of a stretch, tells neither
            found["inflated" if here else "following" if before else "free"].append(row)
        before = here
    return found


def single_beat(outcome: Outcome, name: str, which: str, key: str) -> float:
    """Mean of a number over beats of one kind; without the pump that of the free beats of the same stretch (Schreuder 2005 compared beats at 1:4)."""
    rows = kinds_of_beats(outcome)["free" if name == "off" else which]
    return float(np.mean([row[key] for row in rows])) if rows else float("nan")


def over_diastolic(outcome: Outcome, name: str) -> float:
    """Peak of diastole over the diastolic pressure without the pump, %; 0 without the pump."""
    if name == "off":
        return 0.0
    low = outcome.without.mean["dbp_mmHg"]
    return 100.0 * (outcome.assisted.mean["augmented_peak_mmHg"] / low - 1.0)  # type: ignore[operator]


def aortic_dpti(outcome: Outcome, name: str) -> float:
    """Area under the diastolic part of the aortic pressure, mmHg s: what an index of the pressure trace alone is (Reitan 1986 J Clin Monit 2:95)."""
    return over_beats(outcome, name, lambda wave, c: float(wave.root[c.closes : c.ends].sum() * wave.sample_s))


def flow_over_work(outcome: Outcome, name: str) -> float:
    """Coronary flow over pressure-volume area a minute, mL/(mmHg mL): supply over demand as Briceno 2019 has it."""
    mean = arm(outcome, name).mean
    return mean["coronary_flow_mL_min"] / (mean["pva_mmHg_mL"] * mean["hr_per_min"])  # type: ignore[operator]


SPECIAL: dict[str, Callable[[Outcome, str], float]] = {
    "augmentation_mmHg": augmentation,
    "rise_mmHg": rise,
    "assisted_end_diastolic_mmHg": assisted_end_diastole,
    "augmentation_over_dbp": over_diastolic,
    "svr_mmHg_s_mL": resistance,
    "ees_mmHg_mL": elastance,
    "inflation_wave": lambda o, name: returned_energy(o, name, compression=True),
    "deflation_wave": lambda o, name: returned_energy(o, name, compression=False),
    "mean_diastolic_mmHg": lambda o, name: over_beats(o, name, lambda wave, c: float(wave.root[c.closes : c.ends].mean())),
    "towards_heart_mL": towards_heart,
    "lv_systolic_mmHg": lambda o, name: over_beats(o, name, lambda wave, c: float(wave.lv[c.opens : c.ends].max())),
    "coronary_diastolic": lambda o, name: over_beats(o, name, lambda wave, c: float(wave.coronary[c.closes : c.ends].sum() * wave.sample_s)),
    "coronary_peak": lambda o, name: over_beats(o, name, lambda wave, c: float(wave.coronary[c.closes : c.ends].max())),
    "inflated_beat_sv_mL": lambda o, name: single_beat(o, name, "inflated", "sv_mL"),
    "following_beat_sv_mL": lambda o, name: single_beat(o, name, "following", "sv_mL"),
    "following_beat_stroke_work": lambda o, name: single_beat(o, name, "following", "stroke_work_mmHg_mL"),
    "aortic_dpti_mmHg_s": aortic_dpti,
    "aortic_dpti_over_tti": lambda o, name: aortic_dpti(o, name) / float(arm(o, name).mean["tti_mmHg_s"] or np.nan),
    "coronary_flow_over_pva": flow_over_work,
    "balloon_mL": lambda o, _: float(o.assisted.wave.balloon_mL.max()),
}


def quantity(outcome: Outcome, name: str, key: str) -> float:
    """A number of an arm by its key: those of `counterpulse run`, or one of `SPECIAL`. NaN where it is absent."""
    value = SPECIAL[key](outcome, name) if key in SPECIAL else arm(outcome, name).mean.get(key)
    return float("nan") if value is None else float(value)
