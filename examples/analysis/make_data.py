# ruff: noqa: INP001, ANN001, ANN201, ANN202, D103 - a script to be read and run, not imported
"""Make the synthetic trial of this folder: `python examples/analysis/make_data.py`. No real person is in it; every number comes from the seed.

180 made-up people with shock in 6 made-up centres, stratified by stage, permuted blocks of 4 and 6, two arms hidden behind codes. Rates and
effects below are assumptions for a demonstration and say nothing about the pump.
"""

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl

SEED = 20260401
HERE = Path(__file__).parent
HORIZON_D = 60.0
BASE = {"B": 0.0022, "C": 0.0045, "D": 0.011}  # deaths a day without the device, assumed
DEVICE = 0.62  # hazard ratio of death with the device, assumed


def randomise(rng, strata):
    """Arm codes from permuted blocks within each stratum."""
    codes = np.empty(len(strata), dtype=object)
    for name in sorted(set(strata)):
        here = np.flatnonzero(strata == name)
        dealt = []
        while len(dealt) < len(here):
            size = int(rng.choice([4, 6]))
            dealt += list(rng.permutation(["K7", "Q3"] * (size // 2)))
        codes[here] = dealt[: len(here)]
    return codes


def main():
    rng = np.random.default_rng(SEED)
    n = 180
    stage = rng.choice(["B", "C", "D"], n, p=[0.28, 0.54, 0.18])
    centre = rng.choice([f"centre-{i}" for i in range(1, 7)], n)
    code = randomise(rng, stage)
    device = code == "Q3"
    names = [f"S{i:03d}" for i in range(1, n + 1)]
    crossed = ~device & (rng.random(n) < 0.12)
    treated = device | crossed
    rate = np.array([BASE[s] for s in stage]) * np.where(treated, DEVICE, 1.0)
    death = rng.exponential(1 / rate)
    lvad = rng.exponential(1 / np.where(device, 0.0042, 0.0028))
    transplant = rng.exponential(1 / 0.003, n)
    lost = np.where(rng.random(n) < 0.05, rng.uniform(5, 55, n), 1e9)
    last = np.minimum(np.minimum(death, lost), rng.uniform(60, 75, n)).round(1)
    events = []

    def add(i, kind, at, grade=None):
        if at <= last[i]:
            events.append((names[i], kind, round(float(at), 1), grade, kind in ("death", "stroke", "bleeding")))

    for i in range(n):
        if death[i] <= last[i] + 0.05:
            last[i] = round(float(death[i]), 1)
            add(i, "death", last[i], 5)
        bridge = min(lvad[i], transplant[i])
        add(i, "lvad" if lvad[i] < transplant[i] else "transplant", round(float(bridge), 1), None)
        if crossed[i]:
            add(i, "crossover", round(float(rng.uniform(0.2, 4)), 1))
        for kind, risk, grade in (("bleeding", 0.07 + 0.07 * treated[i], 3), ("stroke", 0.02, 4), ("limb_ischaemia", 0.04 * treated[i], 3),
                                  ("arrhythmia", 0.06, 2), ("sepsis", 0.12, 3)):
            if rng.random() < risk:
                add(i, kind, round(float(rng.uniform(0.1, 20)), 1), grade)
    alive = last >= HORIZON_D
    ef = np.clip(rng.normal(24 + 2.5 * treated - 2 * (stage == "D"), 6, n), 8, 55).round(0)
    seen = alive & (rng.random(n) < 0.88)
    lactate = np.where(rng.random(n) < 0.04, np.nan, np.exp(rng.normal(0.7, 0.45, n)).round(2))
    start = dt.datetime(2024, 2, 1, 8, tzinfo=dt.UTC)
    subjects = pl.DataFrame(
        {
            "participant": names,
            "centre": centre.tolist(),
            "stratum": [f"stage {s}" for s in stage],
            "arm_code": code.tolist(),
            "randomised_at": [start + dt.timedelta(hours=float(h)) for h in np.sort(rng.uniform(0, 24 * 700, n))],
            "itt": [True] * n,
            "per_protocol": (~crossed & (rng.random(n) < 0.97)).tolist(),
            "safety": [True] * n,
            "last_contact_d": last.tolist(),
            "age_years": rng.normal(61, 9, n).clip(25, 80).round(0).tolist(),
            "male": (rng.random(n) < 0.78).astype(float).tolist(),
            "map_mmHg": rng.normal(68, 8, n).clip(45, 100).round(0).tolist(),
            "lactate_mmol_L": pl.Series(lactate).fill_nan(None).to_list(),
            "lvef_pct": rng.normal(20, 5, n).clip(8, 40).round(0).tolist(),
            "stage": stage.tolist(),
            "outcome_lvef_60d_pct": [float(v) if s else None for v, s in zip(ef, seen, strict=True)],
        }
    )
    subjects.write_parquet(HERE / "data" / "subjects.parquet")
    table = pl.DataFrame(events, schema={"participant": pl.String, "kind": pl.String, "at_d": pl.Float64, "grade": pl.Int64, "adjudicated": pl.Boolean},
                         orient="row")
    table.write_parquet(HERE / "data" / "events.parquet")
    reasons = ["sepsis", "severe peripheral arterial disease", "no consent", "life expectancy below a year", "arrest without recovery"]
    out = [(f"X{i:04d}", str(rng.choice(reasons, p=[0.25, 0.2, 0.3, 0.15, 0.1]))) for i in range(1, 412)]
    screening = pl.DataFrame([*((name, None) for name in names), *out], schema={"participant": pl.String, "reason": pl.String}, orient="row")
    screening.write_parquet(HERE / "data" / "screening.parquet")
    (HERE / "data" / "arms.toml").write_text('# The arm key: kept apart from the data in a real trial.\nK7 = "standard"\nQ3 = "device"\n', "utf-8")


if __name__ == "__main__":
    (HERE / "data").mkdir(exist_ok=True)
    main()
