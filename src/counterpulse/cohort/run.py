"""Runs a cohort through its arms, piece by piece, and writes summaries.parquet: one row a patient and arm, in the cohort's order.

Any number of workers, any size of pieces and any restart give the same bytes: a patient's row depends on the patient alone. Two patients in
a hundred, chosen by number, are run again at half the step.
"""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from counterpulse.body.patient import Patient
from counterpulse.cohort.arms import Arm
from counterpulse.cohort.block import Job, Result, change, halved, run_arms
from counterpulse.cohort.engine import Crew, Piece, execute, sweep
from counterpulse.cohort.preset import load
from counterpulse.cohort.store import COHORT, PATIENTS, RUN, SUMMARIES, digest_of, merge, packed, plan_hash, read_patients, versions, write_toml
from counterpulse.kernel import kernel
from counterpulse.noise import uniform

HALVED = 0.02  # share of patients whose step is halved
_STREAM = 880
MEANS = ("map_mmHg", "cvp_mmHg", "pcwp_mmHg", "mean_pa_mmHg", "co_L_min")
PEAKS = ("sbp_mmHg", "augmented_peak_mmHg", "end_diastolic_mmHg")
LAST = ("beat_to_beat", "sv_standard_error", "step_halving", "step_halving_peaks", "periodic", "beats", "seconds", "fault")


@dataclass(frozen=True)
class Experiment:
    """What is done to a cohort."""

    arms: tuple[Arm, ...]
    site: str
    pump: dict[str, float]
    piece: int = 128


def experiment_of(folder: Path, arms: tuple[Arm, ...], piece: int = 128) -> Experiment:
    """The experiment that fits a cohort's folder: site and console settings of its preset."""
    about = tomllib.loads((folder / COHORT).read_text(encoding="utf-8"))["cohort"]
    return Experiment(arms, about["site"], dict(load(about["preset"]).pump), piece)


def run_cohort(folder: Path, arms: tuple[Arm, ...], crew: Crew, tell: Callable[[int], None] = lambda _: None, piece: int = 128) -> dict[str, Any]:
    """Run every patient through every arm and write the summaries; returns what run.toml says. Goes on where a killed run stopped."""
    frame, rows = read_patients(folder)
    plan = experiment_of(folder, arms, piece)
    numbers = frame["patient"].to_numpy()
    source = digest_of(folder / PATIENTS)
    parts = folder / f".parts-{plan_hash({'plan': plan, 'patients': source})}"
    pieces = [
        Piece(f"{first:09d}.parquet", "counterpulse.cohort.run:run_piece", (plan, numbers[first : first + piece], bytes(rows[first : first + piece])), size)
        for first in range(0, len(rows), piece)
        for size in [min(piece, len(rows) - first)]
    ]
    result = merge(execute(pieces, parts, crew, tell), folder / SUMMARIES, ("patient", "arm"), LAST)
    told = account(result, plan, source, digest_of(folder / SUMMARIES))
    write_toml(told, folder / RUN)
    sweep(parts)
    return told


def run_piece(argument: tuple[Experiment, Any, bytes]) -> bytes:
    """One piece through every arm; runs in a worker."""
    plan, numbers, raw = argument
    rows = np.frombuffer(raw, Patient.dtype).view(np.recarray)
    records = rows_of_arms(numbers, rows, [Job(arm, plan.site, plan.pump) for arm in plan.arms])
    names = {arm.name: k for k, arm in enumerate(plan.arms)}
    place = {int(number): k for k, number in enumerate(numbers)}
    records.sort(key=lambda row: (place[row["patient"]], names[row["arm"]]))
    return packed(pl.DataFrame(records, infer_schema_length=None).with_columns(pl.selectors.float().fill_nan(None)))


def rows_of_arms(numbers: Any, rows: Any, jobs: list[Job]) -> list[dict[str, Any]]:
    """Rows of every arm; those of some patients with the change on halving the step."""
    lots = np.empty(len(rows))
    draw_lots(np.ascontiguousarray(rows.seed), np.asarray(numbers, np.int64), lots)
    chosen = np.flatnonzero(lots < HALVED).tolist()
    coarse, fine = run_arms(rows, jobs), halved(rows[chosen], jobs)
    records = []
    for job, results, finer in zip(jobs, coarse, fine, strict=True):
        again = dict(zip(chosen, finer, strict=True))
        for k, result in enumerate(results):
            changes = tuple(change(result.numbers, again[k].numbers, keys) for keys in (MEANS, PEAKS)) if k in again else None
            records.append(row_of(int(numbers[k]), job.arm.name, result, changes))
    return records


@kernel
def draw_lots(seeds: Any, numbers: Any, lots: Any) -> None:
    """A number between 0 and 1 for each patient, by its own number."""
    for k in range(lots.size):
        lots[k] = uniform(seeds[k], _STREAM, numbers[k])


def row_of(number: int, arm: str, result: Result, changes: tuple[float, ...] | None) -> dict[str, Any]:
    """One row: the numbers of `run`, and the certificate."""
    means, peaks = changes or (None, None)
    finite = lambda value: value if value is not None and np.isfinite(value) else None  # noqa: E731
    return {
        "patient": number, "arm": arm, **result.numbers,
        "beat_to_beat": finite(result.drift), "sv_standard_error": finite(result.sv_error),
        "step_halving": finite(means), "step_halving_peaks": finite(peaks),
        "periodic": result.periodic, "beats": result.beats, "seconds": result.seconds, "fault": result.fault or None,
    }  # fmt: skip


def account(frame: pl.DataFrame, plan: Experiment, source: str, digest: str) -> dict[str, dict[str, Any]]:
    """run.toml: arms, what made it, how many rows are not certified and why, the halving's worst."""
    why = {str(fault): int(count) for fault, count in frame["fault"].drop_nulls().value_counts(sort=True).iter_rows()}
    worst = lambda column: float(frame[column].max() or 0.0)  # noqa: E731
    certificate = {
        "rows": len(frame), "periodic": int(frame["periodic"].sum()), "halved": int(frame["step_halving"].is_not_null().sum()),
        "step_halving_worst": worst("step_halving"), "step_halving_peaks_worst": worst("step_halving_peaks"),
        "simulated_seconds": float(frame["seconds"].sum()),
    }  # fmt: skip
    return {
        "run": {"arms": [arm.name for arm in plan.arms], "site": plan.site, "patients_sha256": source, "summaries_sha256": digest},
        "made_by": versions(),
        "certificate": certificate,
        "not_certified": why,
    }
