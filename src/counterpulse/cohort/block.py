"""Runs a block of up to eight patients through one arm until each is settled and sure: what a cohort's run is made of.

A patient's result does not depend on who lies beside it: lanes do not touch, every window has the same length, each patient stops at its own window and
what its lane does afterwards is not looked at. Starts from the plausible state that every run starts from; no state is carried over.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from counterpulse.bed.channels import Wave
from counterpulse.bed.compare import slow_numbers
from counterpulse.bed.rest import rests_of
from counterpulse.bed.run import clock_of, make_bed, run
from counterpulse.body.lanes import LANES
from counterpulse.body.patient import Patient, Rhythm
from counterpulse.cohort.arms import Arm, hardware
from counterpulse.cohort.pool import SURE, Pool, settled

FS_HZ = 250.0
SETTLE_S = 40.0
WINDOW_S = 20.0
SHORT, LONG = 6, 26  # most windows: regular and irregular rhythm
MOVING = 3  # windows that may still be thrown away because the patient moves


@dataclass(frozen=True)
class Job:
    """What is done to every patient: arm, site of the arterial pressure, settings that the preset changes, halvings of the step."""

    arm: Arm
    site: str = "radial"
    pump: dict[str, float] = field(default_factory=dict)
    halvings: int = 0
    fs_hz: float = FS_HZ


@dataclass
class Result:
    """One patient in one arm: numbers (empty where nothing is ejected), and how the run ended."""

    numbers: dict[str, float]
    drift: float
    sv_error: float
    periodic: bool
    seconds: float
    beats: int
    fault: str = ""


def run_block(patients: Any, job: Job) -> list[Result]:
    """Run rows of at most eight patients; lanes left over run the first again."""
    rows = np.array(patients, Patient.dtype).view(np.recarray)
    lanes = [*rows, *[rows[0]] * (LANES - len(rows))]
    clock = clock_of(job.fs_hz, job.halvings)
    ready = [hardware(job.arm, patient, job.pump) for patient in lanes]
    rests = rests_of(lanes, job.fs_hz) if job.arm.assisted else []  # without the pump a patient is at rest: there is nothing for the reflex to answer
    bed = make_bed(lanes, [catheter for catheter, _ in ready], [settings for _, settings in ready], clock, rests=rests)
    run(bed, clock, round(SETTLE_S * job.fs_hz))
    pools = [Pool(job.site, float(row.lv_v0_mL)) for row in rows]
    results: list[Result | None] = [None] * len(rows)
    for window in range(LONG):
        trace = run(bed, clock, round(WINDOW_S * job.fs_hz), kept=True)
        for lane, (row, pool) in enumerate(zip(rows, pools, strict=True)):
            if results[lane] is None:
                wave = Wave(trace.signals[:, lane], trace.beat[:, lane], clock.sample_s)
                result = judge(row, pool, wave, (window, float(bed.now[lane].heart_rate_per_min)))
                if result is not None and result.numbers:
                    slow = slow_numbers(bed.regulation[lane], dict(result.numbers))
                    result.numbers |= {key: np.nan if value is None else value for key, value in slow.items()}
                results[lane] = result
        if all(result is not None for result in results):
            break
    return [result for result in results if result is not None]


def judge(row: Any, pool: Pool, wave: Wave, at: tuple[int, float]) -> Result | None:
    """What a patient's run has come to after one more window; `at` is the window's number and the clock's rate in force. None: go on."""
    window, rate = at
    seconds = SETTLE_S + (window + 1) * WINDOW_S
    if not np.isfinite(wave.signals[-1]).all():
        return Result({}, float("inf"), float("inf"), False, seconds, 0, "left the range of numbers")
    if not pool.add(wave):
        return Result({}, float("inf"), float("inf"), False, seconds, 0, "the left ventricle does not eject")
    irregular = int(row.rhythm) == Rhythm.ATRIAL_FIBRILLATION
    calm = settled(pool)
    last = window + 1 >= (LONG if irregular else SHORT)
    numbers, error = pool.means_of(60.0 / rate if irregular else None)
    beats = len(pool.joined()["sv_mL"])
    sure = not irregular or error < SURE
    if (calm and sure) or last:
        return Result(numbers, pool.drift()[0], error, calm and sure, seconds, beats, "" if calm and sure else "not settled in the time given")
    if not calm and window < MOVING:
        pool.forget()
    return None


def run_all(patients: Any, job: Job) -> list[Result]:
    """Run any number of rows, eight at a time."""
    results: list[Result] = []
    for first in range(0, len(patients), LANES):
        results += run_block(patients[first : first + LANES], job)
    return results


def halving(patients: Any, job: Job, coarse: Sequence[Result], keys: Sequence[str]) -> list[float]:
    """Largest relative change of the named numbers when every step is halved, one a patient; NaN where nothing is shown."""
    fine = run_all(patients, Job(job.arm, job.site, job.pump, job.halvings + 1, job.fs_hz))
    return [change(a.numbers, b.numbers, keys) for a, b in zip(coarse, fine, strict=True)]


def change(a: dict[str, float], b: dict[str, float], keys: Sequence[str]) -> float:
    """Largest relative difference of the named numbers."""
    pairs = [(a.get(key, np.nan), b.get(key, np.nan)) for key in keys]
    found = [abs(x - y) / max(abs(y), 1e-9) for x, y in pairs if np.isfinite(x) and np.isfinite(y)]
    return max(found, default=float("nan"))
