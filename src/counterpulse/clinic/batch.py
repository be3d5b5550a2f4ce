"""Staging, goals and eligibility of a whole table of patients. Knows the order; does not know a rule. Canonical column names only."""

from pathlib import Path

import polars as pl

from counterpulse.clinic.eligibility import eligible_frame
from counterpulse.clinic.frame import prepare
from counterpulse.clinic.goals import goals_frame
from counterpulse.clinic.staging import stage_frame
from counterpulse.refusal import RefusalError
from counterpulse.whole import whole_file


def judge_frame(frame: pl.DataFrame, scheme: str = "cswg-2022", protocol: str = "altshock-2", formula: str = "vis-altshock") -> pl.DataFrame:
    """The frame with every verdict beside the patient's own and derived columns; the same verdicts as one by one."""
    ready = prepare(frame)
    staged = stage_frame(ready, scheme, ready=True)
    reached = goals_frame(staged, formula, ready=True)
    keep = [name for name in staged.columns if name.startswith("stage")]
    judged = eligible_frame(reached.drop(keep), protocol, ready=True)
    return judged.with_columns(staged.select(keep))


def judge_file(source: Path, target: Path, scheme: str, protocol: str, formula: str) -> None:
    """Read Parquet, judge, write Parquet. Raises RefusalError for a file that is not there or no Parquet."""
    try:
        frame = pl.read_parquet(source)
    except (OSError, pl.exceptions.PolarsError) as problem:
        raise RefusalError(f"The table {source} cannot be read as Parquet: {str(problem).splitlines()[0]}.") from None
    judged = judge_frame(frame, scheme, protocol, formula)
    with whole_file(target) as draft:
        judged.write_parquet(draft)
