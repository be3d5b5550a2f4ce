"""One patient without and with the pump, and a twin that tells when the valves would have moved: the run behind `counterpulse run`.

Knows lanes, settling and the certificate; no files. Pressures in mmHg.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from counterpulse.bed.beats import Cycle, rows_of, site_delay, summarise
from counterpulse.bed.channels import SITES, Wave
from counterpulse.bed.rest import rests_of
from counterpulse.bed.run import clock_of, finite, make_bed, run, run_told
from counterpulse.bed.tick import Bed, Clock, Trace
from counterpulse.bed.timing import FIRST_S, timing
from counterpulse.body.drugs import Dose
from counterpulse.body.gas import Catheter, no_catheter
from counterpulse.body.oxygen import carried_mL
from counterpulse.body.patient import Patient
from counterpulse.body.regulation import Regulation, Rest
from counterpulse.body.support import Support
from counterpulse.pump.settings import Settings
from counterpulse.refusal import RefusalError

WITHOUT, WITH, TWIN, SPARE = range(4)
NAMES = ("patient without the pump", "patient with the pump", "twin")
SETTLE_S = 60.0  # until periodic: coronary tone and blood volume shifts settle within 30 to 40 s
PRESSURES = ("map_mmHg", "cvp_mmHg", "pcwp_mmHg", "mean_pa_mmHg")
PEAKS = ("sbp_mmHg", "augmented_peak_mmHg", "end_diastolic_mmHg")


@dataclass(frozen=True)
class Plan:
    """What to run: patient, hardware, what the clinician set, for how long, where pressures are read."""

    patient: Patient
    catheter: Catheter
    settings: Settings
    seconds: float = 30.0
    site: str = "root"
    fs_hz: float = 1000.0
    settle_s: float = SETTLE_S
    dose: Dose = field(default_factory=Dose)  # beyond what ran at rest; both arms
    support: Support = field(default_factory=Support)  # beside the balloon; both arms
    regulated: bool = True  # reflex and ischaemia against the patient's own rest
    rest: Rest | None = None  # measured when needed and not given


@dataclass(frozen=True)
class Arm:
    """One arm of a comparison: its wave, whole beats, a row of numbers each, and their means."""

    wave: Wave
    cycles: list[Cycle]
    rows: list[dict[str, float]]
    mean: dict[str, float | None]


@dataclass(frozen=True)
class Outcome:
    """What a comparison shows."""

    plan: Plan
    clock: Clock
    without: Arm
    assisted: Arm
    twin: Wave
    trace: Trace
    timing: dict[str, Any]
    certificate: dict[str, float]
    faults: list[str]
    samples: int  # that the console has seen since switch-on


def rested(plan: Plan) -> Plan:
    """The plan with what its patient shows at rest, measured once."""
    if not plan.regulated or plan.rest is not None:
        return plan
    return replace(plan, rest=rests_of([plan.patient], plan.fs_hz, lanes=4)[0])


def beds_of(plan: Plan, halvings: int) -> tuple[Bed, Clock]:
    """Four lanes: without, with, the twin of with, and a spare that only fills the vector."""
    clock = clock_of(plan.fs_hz, halvings)
    idle = Settings(standby=1)
    catheters = [no_catheter(), plan.catheter, plan.catheter, no_catheter()]
    for one in catheters:
        one.form = plan.catheter.form
    plan = rested(plan)
    rests = [plan.rest] * 4 if plan.rest is not None else []
    bed = make_bed([plan.patient] * 4, catheters, [idle, plan.settings, plan.settings, idle], clock, [-1, -1, WITH, -1], rests)
    for lane in range(4):
        bed.dose[lane], bed.support[lane] = plan.dose, plan.support
    return bed, clock


def arm_of(trace: Trace, bed: Bed, lane: int, plan: Plan, delay: int | None) -> Arm:
    """Beats and means of one lane; empty when the heart does not eject."""
    wave = Wave(trace.signals[:, lane], trace.beat[:, lane], 1.0 / plan.fs_hz)
    found, rows = rows_of(wave, plan.site, float(plan.patient.lv_v0_mL), delay)
    mean = summarise(wave, rows, (found[0].opens, found[len(rows) - 1].ends)) if rows else {}
    return Arm(wave, found, rows, mean | slow_numbers(bed.regulation[lane], mean) if mean else {})


def slow_numbers(slow: Regulation, mean: dict[str, float | None]) -> dict[str, float | None]:
    """What the slow loop says at the end of a run; lactate is where it settles, since its own course takes an hour."""
    oxygen, perfusion = slow.oxygen, slow.perfusion
    loaded = 1000.0 * float(oxygen.mvo2_mL_min)
    coronary = mean.get("coronary_flow_mL_min")
    carried = carried_mL(float(oxygen.haemoglobin_g_dL), float(oxygen.arterial_saturation))
    return {
        "svo2": float(oxygen.svo2),
        "do2_mL_min": float(oxygen.delivery_mL_min),
        "vo2_mL_min": float(oxygen.consumption_mL_min),
        "mvo2_mL_min": float(oxygen.mvo2_mL_min),
        "myocardial_supply_over_demand": coronary * carried * 1000.0 / loaded if coronary is not None and loaded > 0.0 else None,
        "coronary_demand_met": float(oxygen.met),
        "ischaemic_force": float(oxygen.force),
        "urine_mL_kg_h": float(perfusion.urine_mL_kg_h),
        "lactate_settles_mmol_L": float(perfusion.lactate_settles_mmol_L),
        "sheath_limb_flow_mL_min": 60.0 * float(perfusion.leg_mL_s * perfusion.sheath_share),
    }


def lock_time(bed: Bed, clock: Clock, plan: Plan) -> float | None:
    """Run the first seconds from switch-on and tell when the balloon first filled; None when it did not."""
    trace = run(bed, clock, round(FIRST_S * plan.fs_hz), kept=True)
    driven = np.flatnonzero(trace.valve[:, WITH] > 0)
    return float(driven[0] / plan.fs_hz) if len(driven) else None


def check(plan: Plan) -> None:
    """Raise RefusalError for a site, length or sampling rate that is not possible."""
    if plan.site not in SITES:
        raise RefusalError(f"The site is {plan.site!r}; it must be one of {', '.join(SITES)}.")
    if not 5.0 <= plan.seconds <= 3600.0:
        raise RefusalError(f"The run is {plan.seconds:g} s long; it must be 5 to 3600 s.")
    clock_of(plan.fs_hz)


def compare(plan: Plan, halvings: int = 0, tell: Callable[[int], None] = lambda _: None) -> Outcome:
    """Settle both arms, then keep `seconds` of each. `tell` hears how many samples were done. Raises RefusalError for an impossible site or length."""
    check(plan)
    plan = rested(plan)
    bed, clock = beds_of(plan, halvings)
    lock = lock_time(bed, clock, plan)
    run_told(bed, clock, round(plan.settle_s * plan.fs_hz), tell)
    trace = run_told(bed, clock, round(plan.seconds * plan.fs_hz), tell, kept=True)
    without = arm_of(trace, bed, WITHOUT, plan, None)
    delay = None if plan.site == "root" or not without.rows else site_delay_of(without, plan)
    assisted = arm_of(trace, bed, WITH, plan, delay)
    twin = Wave(trace.signals[:, TWIN], trace.beat[:, TWIN], 1.0 / plan.fs_hz)
    sound = finite(bed)
    return Outcome(
        plan,
        clock,
        without,
        assisted,
        twin,
        trace,
        timing(assisted.wave, twin, int(plan.settings.ratio), lock),
        {"beat_to_beat": drift(assisted)},
        [f"the simulation of the {name} left the range of numbers" for lane, name in enumerate(NAMES) if not sound[lane]],
        int(bed.pump[WITH].count),
    )


def site_delay_of(without: Arm, plan: Plan) -> int:
    """The site's delay, found where no balloon disturbs the foot."""
    return site_delay(getattr(without.wave, plan.site), [cycle.opens for cycle in without.cycles], without.wave.sample_s)


def drift(arm: Arm) -> float:
    """Largest relative change of mean pressure and stroke volume from the first to the second half of the beats kept."""
    half = len(arm.rows) // 2
    if half < 1:
        return float("nan")
    changes = []
    for key in ("map_mmHg", "sv_mL"):
        first, second = (np.mean([row[key] for row in part]) for part in (arm.rows[:half], arm.rows[half : 2 * half]))
        changes.append(abs(second - first) / abs(first))
    return float(max(changes))


def certify(outcome: Outcome, tell: Callable[[int], None] = lambda _: None) -> dict[str, float]:
    """The convergence certificate: drift at the end, and the largest change of mean pressures and of peaks when every step is halved."""
    finer = compare(outcome.plan, 1, tell)
    arms = ((outcome.without, finer.without), (outcome.assisted, finer.assisted))
    change = lambda keys: largest([relative(a.mean.get(key), b.mean.get(key)) for a, b in arms for key in keys])  # noqa: E731
    return outcome.certificate | {"step_halving": change(PRESSURES), "step_halving_peaks": change(PEAKS)}


def largest(values: list[float]) -> float:
    """The largest of those that are there, NaN where none is."""
    return max((value for value in values if np.isfinite(value)), default=float("nan"))


def relative(a: float | None, b: float | None) -> float:
    """Relative difference, NaN where either is absent."""
    return float("nan") if a is None or b is None else abs(a - b) / max(abs(b), 1e-9)
