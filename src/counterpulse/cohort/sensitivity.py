"""Which of a patient's parameters decide what the pump does: Morris screening over the ranges that a cohort spans.

Each parameter goes from its 5th to its 95th percentile in the cohort, the others anywhere in theirs, independently: correlations between parameters are
not kept, so corners are visited that the cohort does not hold (they count as they are). All walk in the commonest rhythm, over its patients' ranges.
Morris 1991 Technometrics 33:161; mu* after Campolongo 2007 Environ Model Softw 22:1509; sampling and estimates by SALib. Knows cohorts and arms; no page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from counterpulse.body.patient import Patient
from counterpulse.cohort.arms import arms_of
from counterpulse.cohort.block import Job, run_arms
from counterpulse.cohort.engine import Crew, Piece, execute, sweep
from counterpulse.cohort.run import experiment_of
from counterpulse.cohort.store import PATIENTS, digest_of, packed, plan_hash, read_patients
from counterpulse.refusal import RefusalError

LEVELS, SIZE = 4, 64
LOW, HIGH = 0.05, 0.95
VARIES = 0.05  # a field whose range is narrower than this share of its middle is held
# What the pump changes: key of `run`, how the change is told, unit, what it means at the bedside.
OUTCOMES = {
    "sv": ("sv_mL", "percent", "%", "gain in stroke volume"),
    "co": ("co_L_min", "difference", "L/min", "gain in cardiac output"),
    "map": ("map_mmHg", "percent", "%", "gain in mean arterial pressure"),
    "unloading": ("sbp_mmHg", "percent", "%", "change of peak systolic pressure"),
    "end_diastolic": ("end_diastolic_mmHg", "difference", "mmHg", "change of arterial end-diastolic pressure"),
    "augmented": ("augmented_peak_mmHg", "over_sbp", "mmHg", "augmented peak over systole without the pump"),
    "pcwp": ("pcwp_mmHg", "difference", "mmHg", "change of wedge pressure"),
    "coronary": ("coronary_flow_mL_min", "percent", "%", "change of coronary flow"),
}


@dataclass(frozen=True)
class Question:
    """How a screening is done: trajectories, seed, and which patients it ranges over."""

    trajectories: int
    seed: int


def salib() -> Any:
    """The library, or a RefusalError that says how to get it."""
    try:
        import SALib.analyze.morris  # noqa: PLC0415  optional
        import SALib.sample.morris  # noqa: PLC0415
    except ImportError:
        raise RefusalError("A sensitivity analysis needs SALib: install counterpulse[sensitivity].") from None
    return SALib


def of_one_rhythm(rows: Any) -> Any:
    """Patients of the commonest rhythm: what makes fibrillation irregular is no range that a regular heart goes through."""
    kinds, counts = np.unique(rows.rhythm, return_counts=True)
    return rows[rows.rhythm == kinds[np.argmax(counts)]]


def factors_of(rows: Any) -> dict[str, tuple[float, float]]:
    """Numeric fields of the patient that vary in the cohort, each with its 5th and 95th percentile."""
    found = {}
    for name in Patient.fields():
        values = np.asarray(rows[name], float)
        low, middle, high = np.quantile(values, (LOW, 0.5, HIGH))
        if Patient.dtype[name].kind == "f" and high - low > VARIES * max(abs(float(middle)), 1e-9):
            found[name] = (float(low), float(high))
    if len(found) < 2:
        raise RefusalError(f"{len(found)} parameter varies in this cohort; at least 2 are needed to tell which matters.")
    return found


def screen(folder: Path, question: Question, crew: Crew, tell: Callable[[int], None] = lambda _: None) -> dict[str, Any]:
    """Screen a cohort; goes on where it was stopped. Returns the object of `counterpulse cohort sensitivity --json`."""
    library = salib()
    frame, rows = read_patients(folder)
    rows = of_one_rhythm(rows)
    ranges = factors_of(rows)
    problem = {"num_vars": len(ranges), "names": list(ranges), "bounds": [list(span) for span in ranges.values()]}
    points = library.sample.morris.sample(problem, question.trajectories, num_levels=LEVELS, seed=question.seed)
    patients = patients_at(points, list(ranges), rows)
    arms = arms_of("without,with")
    experiment = experiment_of(folder, arms)
    parts = folder / f".sensitivity-{plan_hash({'question': question, 'patients': digest_of(folder / PATIENTS)})}"
    pieces = [
        Piece(f"{first:09d}.parquet", "counterpulse.cohort.sensitivity:run_piece", (experiment, bytes(patients[first : first + SIZE])), len(part))
        for first in range(0, len(patients), SIZE)
        for part in [patients[first : first + SIZE]]
    ]
    effects = pl.concat([pl.read_parquet(part) for part in execute(pieces, parts, crew, tell)], how="diagonal")
    told = analyse(library, problem, points, effects, question)
    told |= {"cohort": folder.name, "patients_in_cohort": len(frame), "seed": question.seed, "levels": LEVELS}
    sweep(parts)
    return told


def patients_at(points: Any, names: list[str], rows: Any) -> Any:
    """The cohort's middle patient with the factors of each point."""
    middle = np.array([rows[len(rows) // 2]] * len(points), Patient.dtype).view(np.recarray)
    for name in Patient.fields():
        if Patient.dtype[name].kind == "f":
            middle[name] = float(np.median(rows[name]))
    for k, name in enumerate(names):
        middle[name] = points[:, k]
    return middle


def run_piece(argument: tuple[Any, bytes]) -> bytes:
    """Both arms of some patients, and what the pump changed in each; NaN where an arm was not settled. Runs in a worker."""
    experiment, raw = argument
    rows = np.frombuffer(raw, Patient.dtype).view(np.recarray)
    off, on = run_arms(rows, [Job(arm, experiment.site, experiment.pump) for arm in experiment.arms])
    table = [{name: effect(a.numbers, b.numbers, name) for name in OUTCOMES} for a, b in zip(off, on, strict=True)]
    return packed(pl.DataFrame(table, schema=dict.fromkeys(OUTCOMES, pl.Float64)))


def effect(off: dict[str, float], on: dict[str, float], name: str) -> float:
    """What the pump changes in one patient; NaN where either arm has no number."""
    key, how, _, _ = OUTCOMES[name]
    base = "sbp_mmHg" if how == "over_sbp" else key
    a, b = off.get(base, np.nan), on.get(key, np.nan)
    return b - a if how in ("difference", "over_sbp") else 100.0 * (b / a - 1.0)


def analyse(library: Any, problem: dict[str, Any], points: Any, effects: pl.DataFrame, question: Question) -> dict[str, Any]:
    """Elementary effects of every factor on every outcome; trajectories with a number missing are left out, and counted."""
    steps = problem["num_vars"] + 1
    values = effects.select(list(OUTCOMES)).to_numpy()
    whole = np.asarray(np.isfinite(values).all(axis=1).reshape(-1, steps).all(axis=1))
    kept = np.repeat(whole, steps)
    if whole.sum() < 4:
        raise RefusalError(f"Only {int(whole.sum())} of {len(whole)} trajectories gave a number at every point; ask for more with --trajectories.")
    outcomes = []
    for k, (name, (key, how, unit, means)) in enumerate(OUTCOMES.items()):
        seen = library.analyze.morris.analyze(problem, points[kept], values[kept, k], num_levels=LEVELS, seed=question.seed)
        rows = [factor_row(problem, seen, j) for j in range(problem["num_vars"])]
        rows.sort(key=lambda row: -row["mu_star"])
        middle = [float(one) for one in np.quantile(values[kept, k], (0.25, 0.5, 0.75))]
        outcomes.append({"outcome": name, "key": key, "measure": how, "unit": unit, "means": means, "quartiles": middle, "factors": rows})
    return {"trajectories": len(whole), "used": int(whole.sum()), "runs": len(values), "outcomes": outcomes}


def factor_row(problem: dict[str, Any], seen: Any, j: int) -> dict[str, Any]:
    """One factor's effect over its range: mu* with its 95 % half-width, mu with its sign, sigma for interaction and bend."""
    low, high = problem["bounds"][j]
    name = problem["names"][j]
    unit = Patient.quantities()[name].unit
    number = lambda key: float(seen[key][j])  # noqa: E731
    numbers = {"mu_star": number("mu_star"), "mu_star_half_width": number("mu_star_conf"), "mu": number("mu"), "sigma": number("sigma")}
    return {"factor": name, "unit": unit, "low": low, "high": high, **numbers}
