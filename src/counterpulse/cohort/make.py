"""Makes a cohort: draws a table's patients, calibrates them piece by piece, writes the folder and says how well it reproduces the table."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from counterpulse.body.patient import Patient
from counterpulse.cohort.draw import CHOICES, Drawn, draw, scores_of
from counterpulse.cohort.engine import Crew, Piece, execute, sweep
from counterpulse.cohort.many import aim_of, calibrate_many
from counterpulse.cohort.observations import default_sd
from counterpulse.cohort.preset import load
from counterpulse.cohort.store import COHORT, PATIENTS, digest_of, merge, packed, plan_hash, prepare, versions, write_toml
from counterpulse.cohort.table import Table, table

Floats = NDArray[np.float64]
PIECE = 64  # patients of one piece
HIDDEN = ("height_score", "fibrillating_score", "leak_score", "bmi_kg_m2", "male")
SHOWN = ("svo2", "lv_esv_mL", "co_L_min")  # reported beside what is fitted
FIBRILLATING = {"rhythm": 1, "rr_variability": 0.2}


@dataclass(frozen=True)
class Order:
    """What is to be made."""

    table: str
    count: int
    seed: int


def make(order: Order, folder: Path, crew: Crew, tell: Callable[[int], None] = lambda _: None) -> dict[str, Any]:
    """Draw, calibrate and write; returns what cohort.toml says. Goes on where a killed run stopped."""
    prepare(folder)
    rules = table(order.table)
    drawn = draw(order.table, order.count, order.seed)
    parts = folder / f".parts-{plan_hash({'order': order, 'piece': PIECE})}"
    (folder / COHORT).unlink(missing_ok=True)
    pieces = [
        Piece(f"{first:09d}.parquet", "counterpulse.cohort.make:calibrate_piece", (order.table, *slice_of(drawn, first)), min(PIECE, order.count - first))
        for first in range(0, order.count, PIECE)
    ]
    aim_for(rules)  # the emulator is made once, before workers ask for it
    files = execute(pieces, parts, crew, tell)
    frame = merge(files, folder / PATIENTS, ("patient",))
    told = account(order, rules, drawn, frame, digest_of(folder / PATIENTS))
    write_toml(told, folder / COHORT)
    sweep(parts)
    return told


def slice_of(drawn: Drawn, first: int) -> tuple[NDArray[np.int64], dict[str, Floats]]:
    """Numbers and columns of one piece."""
    return drawn.numbers[first : first + PIECE], {key: values[first : first + PIECE] for key, values in drawn.columns.items()}


def aim_for(rules: Table) -> Any:
    """What the table's patients are calibrated to."""
    return aim_of(rules.about["preset"], load(rules.about["preset"]).patient, rules.fitted(), rules.about["site"])


def bodies(rules: Table, numbers: NDArray[np.int64], columns: dict[str, Floats]) -> Any:
    """Patients before calibration: the preset's with their own person, mitral valve and rhythm."""
    rows = Patient.many(len(numbers))
    rows[:] = np.array(load(rules.about["preset"]).patient, Patient.dtype)
    for name in ("height_cm", "weight_kg", "age_years", "haemoglobin_g_dL", "mitral_leak_cm2"):
        rows[name] = columns[name]
    irregular = columns["fibrillating"] > 0.5
    for name, value in FIBRILLATING.items():
        rows[name] = np.where(irregular, value, rows[name])
    rows.seed = numbers
    return rows


def calibrate_piece(argument: tuple[str, NDArray[np.int64], dict[str, Floats]]) -> bytes:
    """Calibrate one piece; runs in a worker."""
    name, numbers, columns = argument
    rules = table(name)
    aim = aim_for(rules)
    values = np.column_stack([columns[kind] for kind in aim.kinds])
    found = calibrate_many(aim, bodies(rules, numbers, columns), values)
    data: dict[str, Any] = {"patient": numbers, "calibrated": found.within, "calibration_rounds": found.rounds}
    data |= {key: column for key, column in columns.items() if key not in HIDDEN} | {"male": columns["male"] > 0.5, "bmi_kg_m2": columns["bmi_kg_m2"]}
    for kind in aim.kinds:
        data[f"shown_{kind}"] = columns[kind] + found.misses[kind]
    for key in SHOWN:
        data[f"shown_{key}"] = np.array([mean.get(key, np.nan) for mean in found.means])
    data |= {field: found.patients[field] for field in Patient.fields()}
    return packed(pl.DataFrame(data).with_columns(pl.selectors.float().fill_nan(None)))


def account(order: Order, rules: Table, drawn: Drawn, frame: pl.DataFrame, digest: str) -> dict[str, dict[str, Any]]:
    """cohort.toml: how the cohort was drawn, how it compares with the table, what was refused, every assumption."""
    about = {"table": order.table, "title": rules.about["title"], "source": rules.about["source"], "patients": order.count, "seed": order.seed}
    about |= {"draws": drawn.draws, "one_taken_of": CHOICES, "preset": rules.about["preset"], "site": rules.about["site"], "patients_sha256": digest}
    good = int(frame["calibrated"].sum())
    calibrated: dict[str, Any] = {"within": good / len(frame), "not_within": len(frame) - good}
    calibrated["rule"] = "every fitted number within max(5 %, its measurement's SD), breaths and rhythm as they are"
    missed = {kind: outside(frame, kind) for kind in rules.fitted()}
    quartiles: dict[str, Any] = {}
    for name, printed in rules.printed().items():
        quartiles[name] = [*printed, *np.quantile(frame[name].to_numpy(), (0.25, 0.5, 0.75))]
        if f"shown_{name}" in frame.columns:
            quartiles[name] += [frame[f"shown_{name}"].quantile(q, "linear") or 0.0 for q in (0.25, 0.5, 0.75)]
    return {
        "cohort": about,
        "made_by": versions(),
        "refused": dict(drawn.refused),
        "calibration": calibrated,
        "outside_by_number": missed,
        "quartiles_printed_drawn_shown": quartiles,
        "shares_printed_and_found": {name: [share, found_share(name, frame)] for name, share in (rules.shares() | rules.shares("check")).items()},
        "correlations_stated_and_drawn": {f"{a} {b}": [r, correlation(frame, a, b)] for (a, b), r in rules.correlations().items()},
        "assumptions": {"all": rules.assumptions()},
    }


def outside(frame: pl.DataFrame, kind: str) -> int:
    """How many patients show a number too far from the drawn one, or none."""
    allowed = pl.Series([max(0.05 * abs(value), default_sd(kind, value)) for value in frame[kind]])
    return int((frame[f"shown_{kind}"] - frame[kind]).abs().gt(allowed).fill_null(value=True).sum())


def found_share(name: str, frame: pl.DataFrame) -> float:
    """A share as the cohort has it; SvO2 as simulated."""
    if name == "svo2_below_60":
        return share(frame["shown_svo2"].to_numpy() < 0.6)
    if name == "lactate_above_2":
        return share(frame["lactate_mmol_L"].to_numpy() > 2.0)
    return share(frame[name].cast(pl.Float64).to_numpy() > 0.5)


def share(flags: Any) -> float:
    """How many of all are true."""
    return float(np.mean(flags))


def correlation(frame: pl.DataFrame, a: str, b: str) -> float:
    """Correlation of normal scores; of a yes-or-no row as it stands (point-biserial, so smaller than what is stated for the score behind it)."""
    columns = [frame[name].cast(pl.Float64).to_numpy() for name in (a, b)]
    scores = [column if set(np.unique(column)) <= {0.0, 1.0} else scores_of(column) for column in columns]
    return float(np.corrcoef(scores[0], scores[1])[0, 1])

