"""Many patients without the pump, eight side by side, as fast as they can be settled: what calibration, emulation and screening look at.

A *quiet* patient is the same one without breaths, ectopics and R-R variation: strictly periodic, so that one settled beat tells everything. The patients are
run as twins of themselves: the same heart and circulation, no console and no monitor. A run may begin from the settled state of another patient
(`like`): volumes are taken over, the difference in blood goes to the veins. Numbers have the names of `run`, plus pulmonary systolic and diastolic pressure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterpulse.bed.beats import Cycle, rows_of, summarise
from counterpulse.bed.channels import Wave
from counterpulse.bed.run import clock_of, make_bed, run
from counterpulse.bed.tick import STATES
from counterpulse.body.build import blood
from counterpulse.body.gas import no_catheter
from counterpulse.body.lanes import LANES
from counterpulse.body.oxygen import mixed_venous_saturation
from counterpulse.body.patient import Patient
from counterpulse.body.state import AT
from counterpulse.pump.settings import Settings

Floats = NDArray[np.float64]
FS_HZ = 250.0  # means within 0.1 %, peaks within 0.2 % of 1000 Hz (docs/validation/cohort)
QUIET = {"rr_variability": 0.0, "respiratory_swing_mmHg": 0.0, "ectopics_per_min": 0.0}
COLD_S = 40.0  # from a plausible start to within 0.1 % of the periodic state: the slowest mode falls by e in 7.5 s
BEATS = 3  # whole beats looked at when periodic
BREATHS = 5  # whole breaths looked at when not


@dataclass(frozen=True)
class Look:
    """How to look: site of the arterial pressure, seconds before, whether quiet, samples a second."""

    site: str = "root"
    settle_s: float = COLD_S
    quiet: bool = True
    fs_hz: float = FS_HZ
    kept_s: float | None = None  # None: `BEATS` beats when quiet, `BREATHS` breaths otherwise


@dataclass(frozen=True)
class Shown:
    """What each patient shows (empty where the heart does not eject), and the moving state of each once settled, states x patients."""

    means: list[dict[str, float]]
    states: Floats
    waves: list[Wave]


def hushed(patients: Any) -> Any:
    """Copies of rows of patients without what makes one beat differ from the next."""
    rows = np.array(patients, Patient.dtype, copy=True).view(np.recarray)
    for name, value in QUIET.items():
        rows[name] = value
    return rows


def show(patients: Any, look: Look, like: Floats | None = None) -> Shown:
    """Settle and look at rows of patients; `like` (states x patients, or x 1) is where they begin."""
    rows = np.array(patients, Patient.dtype, copy=True).view(np.recarray)
    rows = hushed(rows) if look.quiet else rows
    means: list[dict[str, float]] = []
    waves: list[Wave] = []
    states = np.empty((STATES, len(rows)))
    for first in range(0, len(rows), LANES):
        block = rows[first : first + LANES]
        begin = None if like is None else like[:, first : first + LANES] if like.shape[1] > 1 else like
        shown = show_block(block, look, begin)
        means += shown.means
        waves += shown.waves
        states[:, first : first + len(block)] = shown.states
    return Shown(means, states, waves)


def show_block(block: Any, look: Look, like: Floats | None) -> Shown:
    """One block of lanes; lanes left over run the first patient again."""
    clock = clock_of(look.fs_hz)
    lanes = list(block) + [block[0]] * (LANES - len(block))
    bed = make_bed(lanes, [no_catheter()] * LANES, [Settings(standby=1)] * LANES, clock, tuple(range(LANES)))
    if like is not None:
        take_over(bed, like)
    run(bed, clock, round(look.settle_s * look.fs_hz))
    states = bed.w[:STATES, : len(block)].copy()
    lengths = [round(window(patient, look) * look.fs_hz) for patient in block]
    trace = run(bed, clock, max(lengths), kept=True)
    waves = [Wave(trace.signals[:n, lane], trace.beat[:n, lane], clock.sample_s) for lane, n in enumerate(lengths)]
    means = [mean_of(wave, patient, look) for wave, patient in zip(waves, block, strict=True)]
    return Shown(means, states, waves)


def take_over(bed: Any, like: Floats) -> None:
    """Begin from settled states; a patient with more or less blood gets the difference in the veins."""
    wide = np.broadcast_to(like, (STATES, LANES)) if like.shape[1] == 1 else np.pad(like, ((0, 0), (0, LANES - like.shape[1])), mode="edge")
    bed.w[:STATES] = wide
    for lane in range(LANES):
        bed.w[AT.veins, lane] += bed.patient[lane].blood_volume_mL - blood(bed.w, lane)


def window(patient: Any, look: Look) -> float:
    """Seconds to keep of a patient, whoever lies beside it: whole beats when quiet, whole breaths otherwise."""
    if look.kept_s is not None:
        return look.kept_s
    beats = (BEATS + 1.2) * 60.0 / float(patient.heart_rate_per_min)
    return beats if look.quiet else max(BREATHS * 60.0 / max(float(patient.respiratory_rate_per_min), 6.0), beats)


def mean_of(wave: Wave, patient: Any, look: Look) -> dict[str, float]:
    """The numbers of `run` over whole beats, with pulmonary systolic and diastolic pressure, pulse pressure and SvO2; empty when nothing is ejected."""
    found, rows = rows_of(wave, look.site, float(patient.lv_v0_mL))
    if not rows or not np.isfinite(wave.signals).all():
        return {}
    mean: dict[str, Any] = summarise(wave, rows, (found[0].opens, found[len(rows) - 1].ends))
    mean |= lungs(wave, found)
    rate = float(patient.heart_rate_per_min)
    if look.quiet and abs(mean["hr_per_min"] / rate - 1.0) < 0.02:  # beats end on samples; the clock itself is exact
        mean["hr_per_min"], mean["co_L_min"] = rate, mean["sv_mL"] * rate / 1000.0
    mean["pulse_mmHg"] = mean["sbp_mmHg"] - mean["dbp_mmHg"]
    output = mean.get("co_L_min")
    mean.setdefault("svo2", None if output is None else mixed_venous_saturation(patient, output))
    return {key: float("nan") if value is None else float(value) for key, value in mean.items()}


def lungs(wave: Wave, found: Sequence[Cycle]) -> dict[str, float]:
    """Pulmonary arterial systolic and diastolic pressure, means over beats."""
    pieces = [wave.pa[cycle.opens : cycle.ends] for cycle in found]
    return {"pas_mmHg": float(np.mean([piece.max() for piece in pieces])), "pad_mmHg": float(np.mean([piece.min() for piece in pieces]))}
