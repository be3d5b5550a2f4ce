"""A Polars frame of patients made ready for the rules: canonical columns checked, agents counted, derived numbers added.

Knows canonical column names only (no aliases, no unit conversion: a cohort is a file of this project). Columns it does not know pass through.
Null and NaN mean unknown. Units: in every name.
"""

import polars as pl

from counterpulse.clinic.derived import derive_frame
from counterpulse.clinic.patient import dose_columns
from counterpulse.clinic.table import columns_of
from counterpulse.clinic.variables import variables
from counterpulse.refusal import RefusalError


def prepare(frame: pl.DataFrame) -> pl.DataFrame:
    """Check ranges and add what follows from what is known. Raises RefusalError naming the first column outside its plausible range."""
    known = variables()
    mine = [name for name in frame.columns if name in known]
    if not mine:
        raise RefusalError(f"The frame has no column of the variable list; its columns are {', '.join(frame.columns) or 'none'}.")
    _check(frame, mine)
    frame = frame.with_columns(columns_of(frame, tuple(mine))[name].alias(name) for name in mine)
    return derive_frame(_agents(frame))


def _check(frame: pl.DataFrame, names: list[str]) -> None:
    known = variables()
    for name in names:
        item, values = known[name], frame[name]
        if item.flag:
            if values.dtype not in (pl.Boolean, pl.Null):
                raise RefusalError(f"The column {name} holds {values.dtype}; it must hold true, false or null.")
            continue
        numbers = values.cast(pl.Float64, strict=False).fill_nan(None)
        bad = numbers.filter((numbers < item.low) | (numbers > item.high))
        if len(bad):
            raise RefusalError(f"{name} is {bad[0]:g} {item.unit} ({len(bad)} rows in all); plausible is {item.low:g} to {item.high:g} {item.unit}.")


def _agents(frame: pl.DataFrame) -> pl.DataFrame:
    doses = [name for name in dose_columns() if name in frame.columns]
    if "drugs" not in frame.columns and doses:
        frame = frame.with_columns(pl.sum_horizontal([(pl.col(name) > 0).cast(pl.Float64) for name in doses], ignore_nulls=False).alias("drugs"))
    if doses:
        return frame.with_columns(pl.lit(0.0).alias(name) for name in dose_columns() if name not in doses)
    if "drugs" in frame.columns:
        none = pl.when(pl.col("drugs") == 0).then(pl.lit(0.0))
        return frame.with_columns(none.alias(name) for name in dose_columns())
    return frame
