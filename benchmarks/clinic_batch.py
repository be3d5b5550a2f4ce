"""How many patients a second the clinic judges in batch: staging, goals and eligibility, Polars in, Polars out.

Prints rows per second on this machine, the ratio to the 10,000 a second that the issue asks for, and the ratio to judging one by one in the
same run; checks on the way that both give the same verdicts. Run: `python benchmarks/clinic_batch.py [rows]`.
"""

import sys
import time

import numpy as np
import polars as pl

from counterpulse.clinic.batch import judge_frame
from counterpulse.clinic.eligibility import eligible
from counterpulse.clinic.goals import goals
from counterpulse.clinic.patient import read
from counterpulse.clinic.staging import stage
from counterpulse.clinic.variables import variables

NUMBERS = {"age_years": (18, 90), "sbp_mmHg": (55, 140), "map_mmHg": (45, 100), "lactate_mmol_L": (0.5, 12), "alt_U_L": (10, 700), "ph": (7.1, 7.5), "hr_per_min": (50, 150),
           "svo2_pct": (40, 80), "pao2_mmHg": (45, 120), "pcwp_mmHg": (8, 35), "lvef_pct": (10, 45), "cs_onset_h": (0, 12), "urine_mL_kg_h": (0, 2), "dopamine_ug_kg_min": (0, 10),
           "life_expectancy_years": (0.2, 10)}
FLAGS = ["ohca", "heart_failure_shock", "hrt_candidate", "consent", "septic_shock", "severe_pad", "postcardiotomy", "noncardiac_surgery", "ami_within_month", "myocarditis",
         "pulmonary_embolism", "end_stage_organ", "other_disorder", "pregnant_or_lactating", "aortic_dissection"]
GOAL = 10_000
ONES = 300


def patients(rows: int, seed: int = 1) -> pl.DataFrame:
    draw = np.random.default_rng(seed)
    columns = {name: draw.uniform(*ends, rows) for name, ends in NUMBERS.items()}
    columns |= {"drugs": draw.integers(1, 4, rows).astype(float), "devices": draw.integers(0, 2, rows).astype(float), "aortic_regurgitation_grade": draw.integers(0, 3, rows).astype(float)}
    frame = pl.DataFrame({**columns, **{name: draw.random(rows) < (0.9 if variables()[name].worse == "false" else 0.05) for name in FLAGS}})
    holes = [pl.when(pl.Series(draw.random(rows) > 0.1)).then(pl.col(name)).alias(name) for name in frame.columns]
    return frame.with_columns(holes)


def main(rows: int) -> int:
    frame = patients(rows)
    judge_frame(frame.head(100))
    times = []
    for _ in range(5):
        start = time.perf_counter()
        out = judge_frame(frame)
        times.append(time.perf_counter() - start)
    batch = rows / float(np.median(times))
    start = time.perf_counter()
    ones = [(stage(p).verdict, goals(p).verdict, eligible(p, "altshock-2").verdict) for p in map(read, frame.head(ONES).to_dicts())]
    single = ONES / (time.perf_counter() - start)
    same = ones == list(out.head(ONES).select("stage", "goals", "eligible").iter_rows())
    print(f"{rows} rows, {len(frame.columns)} columns, 10 % of the values missing; polars {pl.__version__}, {pl.thread_pool_size()} threads")
    print(f"batch         {batch:10,.0f} rows/s   {batch / GOAL:6.1f} x the 10,000 asked for (median of 5)")
    print(f"one by one    {single:10,.0f} rows/s   batch is {batch / single:6.0f} x faster")
    print(f"same verdicts in the first {ONES} rows: {same}")
    return 0 if same and batch >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
