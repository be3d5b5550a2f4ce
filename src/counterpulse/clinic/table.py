"""Rule tables as data: parameters with source and certainty, named flags, ordered rules; for one patient or a frame.

Knows how a table is read, how parameters are replaced, and how a table is answered when inputs are missing. Does not know which tables exist.
"""

import functools
import importlib.resources
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from counterpulse.clinic import logic
from counterpulse.clinic.variables import variables
from counterpulse.refusal import RefusalError


@functools.cache
def data(name: str) -> dict[str, Any]:
    """Read `data/NAME.toml` of this package. Raises RefusalError when there is none."""
    path = importlib.resources.files("counterpulse.clinic").joinpath("data", f"{name}.toml")
    if not path.is_file():
        raise RefusalError(f"There is no clinic table {name!r}.")
    return tomllib.loads(path.read_text("utf-8"))


def cite(keys: list[str]) -> list[dict[str, Any]]:
    """Sources in full by key: citation, year, kind, DOI where known, and how much of it was read."""
    book = data("sources")
    return [{"key": key, **book[key]} for key in dict.fromkeys(keys)]


@dataclass(frozen=True)
class Verdict:
    """What every room of the clinic answers; `as_json` is the form of the contract."""

    verdict: Any
    rule: str
    missing: list[str] = field(default_factory=list)
    best: Any = None
    worst: Any = None
    sources: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The contract's seven keys first, sources written out, then what the room adds."""
        seven = {"verdict": self.verdict, "rule": self.rule, "missing": self.missing, "best": self.best, "worst": self.worst}
        return {**seven, "sources": cite(self.sources), "notes": self.notes, **self.more}


def _replaced(name: str, value: Any, item: Mapping[str, Any]) -> Any:
    """A parameter's new value in the kind of its old one. Raises RefusalError when it cannot be one."""
    old = item["value"]
    if isinstance(old, bool):
        words = {"true": True, "false": False}
        if str(value).lower() not in words:
            raise RefusalError(f"{name} is {value!r}; it must be true or false.")
        return words[str(value).lower()]
    if isinstance(old, str):
        if value not in item["allowed"]:
            raise RefusalError(f"{name} is {value!r}; it must be one of {', '.join(item['allowed'])}.")
        return value
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise RefusalError(f"{name} is {value!r}; it must be a number in {item['unit']}.")
    return number


@dataclass(frozen=True)
class Table:
    """One rule table: `[table]`, `[parameters.NAME]`, `[flags]`, `[[rule]]`."""

    name: str
    body: dict[str, Any]

    @property
    def parameters(self) -> dict[str, Any]:
        """Every parameter's value by name."""
        return {name: item["value"] for name, item in self.body.get("parameters", {}).items()}

    def settings(self, replaced: Mapping[str, Any] | None) -> dict[str, Any]:
        """Parameters with some replaced. Raises RefusalError for a name the table does not have."""
        mine = self.parameters
        for name, value in (replaced or {}).items():
            if name not in mine:
                raise RefusalError(f"The table {self.name} has no parameter {name!r}; it has {', '.join(mine)}.")
            mine[name] = _replaced(f"{self.name}.{name}", value, self.body["parameters"][name])
        return mine

    def inputs(self) -> tuple[str, ...]:
        """Names of the variables that the table reads, in order of first use."""
        own = {*self.body.get("parameters", {}), *self.body.get("flags", {})}
        texts = [*self.body.get("flags", {}).values(), *(rule["when"] for rule in self.body.get("rule", []))]
        return tuple(dict.fromkeys(name for text in texts for name in logic.names(text) if name not in own))

    def flags(self, values: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
        """Every flag answered in order; a flag may use those above it."""
        known: dict[str, Any] = {**settings, **values}
        for name, text in self.body.get("flags", {}).items():
            known[name] = logic.answer(text, known)
        return known

    def first(self, values: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
        """The first rule that holds; what stays unknown does not hold."""
        known = self.flags(values, settings)
        return next(rule for rule in self.body["rule"] if logic.answer(rule["when"], known))

    def first_column(self, columns: Mapping[str, pl.Expr], settings: Mapping[str, Any]) -> pl.Expr:
        """Position of the first rule that holds, as an expression."""
        known = self.flag_columns(columns, settings)
        position = pl.lit(None, dtype=pl.Int32)
        for index, rule in reversed(list(enumerate(self.body["rule"]))):
            holds = logic.column(rule["when"], known)
            position = pl.when(holds).then(pl.lit(index, dtype=pl.Int32)).otherwise(position)
        return position

    def flag_columns(self, columns: Mapping[str, pl.Expr], settings: Mapping[str, Any]) -> dict[str, pl.Expr]:
        """Every flag as an expression over the given columns."""
        known: dict[str, pl.Expr] = {**{name: pl.lit(value) for name, value in settings.items()}, **columns}
        for name, text in self.body.get("flags", {}).items():
            known[name] = logic.column(text, known)
        return known


@functools.cache
def table(name: str) -> Table:
    """A rule table by the name of its file."""
    return Table(name, data(name))


def benign(values: Mapping[str, Any], names: tuple[str, ...], *, worst: bool) -> dict[str, Any]:
    """The patient with every missing input set to its most benign or its worst plausible value."""
    book = variables()
    filled = dict(values)
    for name in names:
        if filled.get(name) is None and name in book:
            filled[name] = book[name].extreme(worst=worst)
    return filled


def columns_of(frame: pl.DataFrame, names: tuple[str, ...]) -> dict[str, pl.Expr]:
    """An expression for every name: the frame's column with NaN as null, or a typed null where the frame has none."""
    book = variables()
    found: dict[str, pl.Expr] = {}
    for name in names:
        kind = pl.Boolean if name in book and book[name].flag else pl.Float64
        if name not in frame.columns:
            found[name] = pl.lit(None, dtype=kind)
        elif kind == pl.Float64:
            found[name] = pl.col(name).cast(pl.Float64).fill_nan(None)
        else:
            found[name] = pl.col(name).cast(pl.Boolean)
    return found


def filled_columns(columns: Mapping[str, pl.Expr], *, worst: bool) -> dict[str, pl.Expr]:
    """The columns with nulls set to the most benign or the worst plausible value."""
    book = variables()
    ends = {name: book[name].extreme(worst=worst) if name in book else None for name in columns}
    return {name: expr if ends[name] is None else expr.fill_null(pl.lit(ends[name])) for name, expr in columns.items()}
