"""Numbers that follow from other numbers: cardiac index, power, resistances, pulsatility, Fick, scores of doses.

Knows the formulas of `data/haemodynamics.toml` and applies one only where the number was not measured and all inputs are known.
Does not know cut-offs. Units: in every name.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from counterpulse.clinic import logic
from counterpulse.clinic.table import columns_of, data

PASSES = 3  # co, ci, sv and bsa feed one another; three rounds reach every number that can be reached


def derive(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Derived numbers of one patient and, for each, the formula that gave it."""
    known, how = dict(values), {}
    for _ in range(PASSES):
        for name, item in data("haemodynamics").items():
            if known.get(name) is not None or logic.answer(item.get("only_if", "True"), known) is False:
                continue
            number = logic.answer(item["formula"], known)
            if number is not None:
                known[name], how[name] = number, item["formula"]
    return {name: known[name] for name in how}, how


def derive_frame(frame: pl.DataFrame) -> pl.DataFrame:
    """The same numbers for a frame: a column is added or its nulls are filled; what cannot be computed stays null."""
    for _ in range(PASSES):
        for name, item in data("haemodynamics").items():
            wanted = (name, *logic.names(item["formula"]), *logic.names(item.get("only_if", "True")))
            columns = columns_of(frame, wanted)
            allowed = logic.column(item.get("only_if", "True"), columns).fill_null(value=True)
            number = pl.when(allowed).then(logic.column(item["formula"], columns))
            frame = frame.with_columns(pl.coalesce(columns[name], number.cast(pl.Float64)).alias(name))
    return frame
