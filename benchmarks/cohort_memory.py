"""Memory of a run by the number of patients: python benchmarks/cohort_memory.py [PATIENTS]

Draws eight patients and runs them; then a table of PATIENTS rows, the eight over and over with numbers of their own, goes through everything that a run does
but the simulation itself, whose results are the eight's. Prints the largest memory of the process. What the simulation needs is a piece's and does not grow.
"""

import resource
import sys
import tempfile
from functools import partial
from pathlib import Path

import polars as pl

from counterpulse.cohort import run
from counterpulse.cohort.arms import arms_of
from counterpulse.cohort.block import run_arms
from counterpulse.cohort.engine import Crew
from counterpulse.cohort.make import Order, make
from counterpulse.cohort.store import PATIENTS


def told(known, rows, jobs):
    """Results of the eight, for as many rows as there are."""
    return [[known[job.arm.name][k % 8] for k in range(len(rows))] for job in jobs]


def most_MiB():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    arms = arms_of("without,with")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "cohort"
        make(Order("altshock-2", 8, 2), folder, Crew())
        run.run_cohort(folder, arms, Crew())
        print(f"eight patients, everything simulated: {most_MiB():.0f} MiB")
        frame, rows = run.read_patients(folder)
        plan = run.experiment_of(folder, arms)
        known = dict(zip([arm.name for arm in arms], run_arms(rows, [run.Job(arm, plan.site, plan.pump) for arm in arms]), strict=True))
        many = pl.concat([frame] * -(-count // 8)).head(count).with_columns(pl.Series("patient", range(count)).cast(frame["patient"].dtype))
        many.write_parquet(folder / PATIENTS)
        run.run_arms, run.halved = partial(told, known), partial(told, known)
        result = run.run_cohort(folder, arms, Crew())
        print(f"{count} patients, {result['certificate']['rows']} rows: {most_MiB():.0f} MiB (goal 2048 for 100,000)")


if __name__ == "__main__":
    main()
