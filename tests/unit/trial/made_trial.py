"""Small trials made on the spot, with or without an effect, for the tests of the analysis."""

import datetime as dt

import numpy as np
import polars as pl

PLAN = """
[plan]
id = "toy"
version = "1"
reference_arm = "control"
multiplicity = "holm"

[[estimand]]
id = "death"
population = "itt"
endpoint = "death"
horizon_d = 60
summary = "hazard ratio"

[[analysis]]
id = "main"
estimand = "death"
role = "primary"
"""


def subjects(n=80, seed=1, **columns):
    rng = np.random.default_rng(seed)
    held = {
        "participant": [f"p{i}" for i in range(n)],
        "centre": [f"c{i % 3}" for i in range(n)],
        "stratum": [f"s{(i // 2) % 2}" for i in range(n)],
        "arm_code": ["A" if i % 2 else "B" for i in range(n)],
        "randomised_at": [dt.datetime(2025, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=i) for i in range(n)],
        "itt": [True] * n,
        "per_protocol": [i % 10 != 0 for i in range(n)],
        "safety": [True] * n,
        "last_contact_d": [60.0] * n,
        "age_years": rng.normal(60, 8, n).round().clip(20, 90).tolist(),
        "map_mmHg": rng.normal(68, 7, n).round().tolist(),
    }
    return held | columns


def events(rows):
    schema = {"participant": pl.String, "kind": pl.String, "at_d": pl.Float64, "grade": pl.Int64, "adjudicated": pl.Boolean}
    return pl.DataFrame([(name, kind, float(at), None, True) for name, kind, at in rows], schema=schema, orient="row")


def deaths(held, seed=2, *, device=0.006, control=0.012):
    """Exponential deaths; arm A is the device."""
    rng = np.random.default_rng(seed)
    rows = []
    for i, (name, code) in enumerate(zip(held["participant"], held["arm_code"], strict=True)):
        at = rng.exponential(1 / (device if code == "A" else control))
        if at < held["last_contact_d"][i]:
            held["last_contact_d"][i] = round(at, 2)
            rows.append((name, "death", round(at, 2)))
    return rows


def write(folder, held, rows, *, plan=PLAN, key='A = "device"\nB = "control"\n', screening=None):
    """A data folder and a plan; gives both paths."""
    data = folder / "data"
    data.mkdir(exist_ok=True)
    pl.DataFrame(held).write_parquet(data / "subjects.parquet")
    events(rows).write_parquet(data / "events.parquet")
    if screening is not None:
        screening.write_parquet(data / "screening.parquet")
    (data / "arms.toml").write_text(key, "utf-8")
    (folder / "PLAN.toml").write_text(plan, "utf-8")
    return folder / "PLAN.toml", data


def trial(folder, n=80, **more):
    """A whole small trial with deaths."""
    held = subjects(n)
    return write(folder, held, deaths(held), **more)
