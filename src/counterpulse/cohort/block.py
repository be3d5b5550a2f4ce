"""Runs patients through an arm, eight side by side, until each is settled and sure: what a cohort's run is made of.

A patient's result does not depend on who lies beside it or before it: lanes do not touch, every window has the same length, each patient stops at its own
window and then leaves its lane to the next one, which starts from the plausible state that every run starts from. What a patient shows at rest, the reference
of its reflex under a pump, is read from the last window of the arm without one, and so is how late its site shows the aorta.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpulse.bed.channels import Wave
from counterpulse.bed.compare import slow_numbers
from counterpulse.bed.rest import rest_seen
from counterpulse.bed.run import clock_of, make_bed, make_trace, run_into
from counterpulse.bed.tick import ALONE, Bed
from counterpulse.body.lanes import LANES
from counterpulse.body.patient import Patient, Rhythm
from counterpulse.body.regulation import Rest
from counterpulse.cohort.arms import Arm, hardware
from counterpulse.cohort.pool import SURE, Pool, settled
from counterpulse.kernel import kernel

FS_HZ = 250.0
SETTLE_S = 40.0
WINDOW_S = 20.0
SHORT, LONG = 6, 26  # most windows: regular and irregular rhythm
MOVING = 3  # windows that may still be thrown away because the patient moves
REST = Arm("without", 0)


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


@dataclass
class Stay:
    """A patient in a lane: its row, what has been seen of it, and whole windows since it has settled (negative until then)."""

    row: int
    pool: Pool
    window: int = -1 - round(SETTLE_S / WINDOW_S)


class Before(NamedTuple):
    """What a patient showed before the pump: rest, the reflex's reference, and by how many samples the site's pressure follows the root's.

    Under a pump the foot of a pulse lies in what the emptying balloon leaves, and cannot be told.
    """

    rest: Rest
    delay: int | None


class Ward:
    """Eight lanes, one patient each: who is settled and sure leaves, the next one comes. Irregular hearts stay from one minute to six."""

    def __init__(self, rows: Any, job: Job, before: Sequence[Before]) -> None:
        """Rows of patients, what is done to them, and what they showed before where there is a pump."""
        self.rows, self.job, self.before = rows, job, before
        self.clock = clock_of(job.fs_hz, job.halvings)
        self.size = round(WINDOW_S * job.fs_hz)
        self.waiting = iter(np.argsort(rows.rhythm != Rhythm.ATRIAL_FIBRILLATION, kind="stable").tolist())  # who stays longest comes first
        self.results: list[Any] = [None] * len(rows)
        self.found: list[Any] = list(before) or [None] * len(rows)
        self.stays: list[Stay | None] = [None] * LANES
        self.bed = self.bed_of([0] * LANES)

    def bed_of(self, places: list[int]) -> Bed:
        """Patients about to begin, side by side."""
        people = [self.rows[k] for k in places]
        ready = [hardware(self.job.arm, patient, self.job.pump) for patient in people]
        rests = [self.before[k].rest for k in places] if self.job.arm.assisted else []
        twins = [] if self.job.arm.assisted else [ALONE] * len(people)
        return make_bed(people, [catheter for catheter, _ in ready], [settings for _, settings in ready], self.clock, twins, rests)

    def admit(self) -> None:
        """Put those who wait into free lanes; a lane without a patient runs on unseen and without a console."""
        free = [lane for lane, stay in enumerate(self.stays) if stay is None]
        places = list(islice(self.waiting, len(free)))
        self.bed.twin[free[len(places) :]] = ALONE
        if not places:
            return
        fresh = self.bed_of(places)
        for here, (lane, place) in enumerate(zip(free, places, strict=False)):
            take_lane(fresh, here, self.bed, lane)
            self.stays[lane] = Stay(place, pool_of(self.rows[place], self.job.site, self.before[place].delay if self.before else None))

    def run(self) -> None:
        """Window after window until nobody is left."""
        trace, nothing = make_trace(self.size, LANES, shown=False), make_trace(0, LANES)
        self.admit()
        while any(self.stays):
            self.bed.kept[:] = [stay is not None and stay.window >= -1 for stay in self.stays]
            run_into(self.bed, self.clock, trace if self.bed.kept.any() else nothing, self.size)
            for lane, stay in enumerate(self.stays):
                if stay is not None:
                    stay.window += 1
                    if stay.window >= 0:
                        self.look(lane, stay, Wave(signals_of(trace.signals, lane), trace.beat[:, lane], self.clock.sample_s))
            self.admit()

    def look(self, lane: int, stay: Stay, wave: Wave) -> None:
        """Judge a patient by one more window; who needs no more leaves the lane. Rest is what the last window without a pump showed."""
        result = judge(stay.pool, wave, stay.window)
        if result is None:
            return
        if not self.job.arm.assisted:
            self.found[stay.row] = Before(rest_seen(self.bed, lane, wave), stay.pool.delay if result.numbers else None)
        if result.numbers:
            slow = slow_numbers(self.bed.regulation[lane], dict(result.numbers))
            result.numbers |= {key: np.nan if value is None else value for key, value in slow.items()}
        self.results[stay.row], self.stays[lane] = result, None


def signals_of(signals: NDArray[np.float64], lane: int) -> NDArray[np.float64]:
    """What a trace kept of one lane: samples x channels, each channel in one piece."""
    out = np.empty((signals.shape[2], signals.shape[0]))
    lay_out(signals, lane, out)
    return out.T


@kernel
def lay_out(signals: Any, lane: int, out: Any) -> None:
    """Copy a lane's signals, samples x lanes x channels, to channels x samples."""
    for k in range(out.shape[1]):
        for channel in range(out.shape[0]):
            out[channel, k] = signals[k, lane, channel]


def take_lane(one: Bed, here: int, other: Bed, there: int) -> None:
    """Let a lane begin as a lane of another bed."""
    other.w[:, there] = one.w[:, here]
    for part, source in zip(other[1:], one[1:], strict=True):
        part[there] = source[here]


def run_job(patients: Any, job: Job, before: Sequence[Before] = ()) -> tuple[list[Result], list[Before]]:
    """Run any number of rows. Also what each showed before the pump: with one what is given, or, where that is not known, what is found out first.

    Without a pump a patient is at rest, and there is nothing for the reflex to answer.
    """
    rows = np.array(patients, Patient.dtype).view(np.recarray)
    if not len(rows):
        return [], []
    if job.arm.assisted and not before:
        before = run_job(rows, replace(job, arm=REST))[1]
    ward = Ward(rows, job, before if job.arm.assisted else [])
    ward.run()
    return ward.results, ward.found


def pool_of(row: Any, site: str, delay: int | None) -> Pool:
    """Nothing seen yet of a patient."""
    irregular = int(row.rhythm) == Rhythm.ATRIAL_FIBRILLATION
    return Pool(site, float(row.lv_v0_mL), int(row.seed) if irregular else None, delay)


def judge(pool: Pool, wave: Wave, window: int) -> Result | None:
    """What a patient's run has come to after one more window, the `window`-th. None: go on."""
    seconds = SETTLE_S + (window + 1) * WINDOW_S
    if not np.isfinite(wave.signals[-1]).all():
        return Result({}, float("inf"), float("inf"), False, seconds, 0, "left the range of numbers")
    if not pool.add(wave):
        return Result({}, float("inf"), float("inf"), False, seconds, 0, "the left ventricle does not eject")
    irregular = pool.seed is not None
    calm = settled(pool)
    last = window + 1 >= (LONG if irregular else SHORT)
    error = pool.error()
    sure = not irregular or error < SURE
    if (calm and sure) or last:
        numbers, beats = pool.means_of(), sum(len(part["sv_mL"]) for part in pool.columns)
        return Result(numbers, pool.drift()[0], error, calm and sure, seconds, beats, "" if calm and sure else "not settled in the time given")
    if not calm and window < MOVING:
        pool.forget()
    return None


def run_arms(patients: Any, jobs: Sequence[Job]) -> list[list[Result]]:
    """Run rows through several jobs; results job by job. A job without a pump also shows what the others begin with."""
    results: list[list[Result]] = [[] for _ in jobs]
    before: list[Before] = []
    for k in sorted(range(len(jobs)), key=lambda k: jobs[k].arm.assisted):
        results[k], before = run_job(patients, jobs[k], before)
    return results


def halved(patients: Any, jobs: Sequence[Job]) -> list[list[Result]]:
    """The same with every step halved."""
    return run_arms(patients, [replace(job, halvings=job.halvings + 1) for job in jobs])


def change(a: dict[str, float], b: dict[str, float], keys: Sequence[str]) -> float:
    """Largest relative difference of the named numbers."""
    pairs = [(a.get(key, np.nan), b.get(key, np.nan)) for key in keys]
    found = [abs(x - y) / max(abs(y), 1e-9) for x, y in pairs if np.isfinite(x) and np.isfinite(y)]
    return max(found, default=float("nan"))
