"""Times to an event: what may be in them, what is missing, which times are tied. Units: the caller's one unit of time. Knows no estimator."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from counterpulse.refusal import RefusalError

Labels = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Survival:
    """Rows of follow-up: `time`, `event` (0 censored, 1 event, or cause 1, 2 …), and if given `entry`, `strata`, `cluster`, `weights`.

    A row with a missing value (NaN, None) is left out and counted in `missing`. Several rows (entry, time] may belong to one participant.
    Two times are tied only when they are equal to the last bit (R: timefix = FALSE).
    Raises RefusalError for negative or infinite times, entry at or after time, unknown event codes, or nothing left.
    """

    time: Any
    event: Any
    entry: Any = None
    strata: Any = None
    cluster: Any = None
    weights: Any = None
    missing: int = 0
    origin: Any = None
    given: int = 0

    def __post_init__(self) -> None:
        """Turn the columns into arrays, leave out rows with missing values and check what is left."""
        columns: dict[str, Any] = {"time": numbers("time", self.time), "event": numbers("event", self.event)}
        columns |= {name: numbers(name, getattr(self, name)) for name in ("entry", "weights") if getattr(self, name) is not None}
        columns |= {name: labels(getattr(self, name)) for name in ("strata", "cluster") if getattr(self, name) is not None}
        n = len(columns["time"])
        first = self.given == 0  # rows() hands on rows that are already clean
        for name, column in columns.items():
            if len(column) != n:
                raise RefusalError(f"{name} has {len(column)} rows; time has {n}.")
        absent = np.zeros(n, bool)
        for column in columns.values():
            absent |= column < 0 if column.dtype == np.int64 else np.isnan(column)
        lost = int(absent.sum())
        for name, column in columns.items():
            object.__setattr__(self, name, column[~absent] if lost else column)
        object.__setattr__(self, "missing", self.missing + lost)
        if first:
            object.__setattr__(self, "given", n)
            object.__setattr__(self, "origin", np.flatnonzero(~absent) if lost else None)
        _check(self)

    def __len__(self) -> int:
        return len(self.time)

    def rows(self, chosen: NDArray[Any], *, lost: int = 0) -> "Survival":
        """The chosen rows (mask or positions); `lost` more rows count as missing."""
        taken = {name: None if getattr(self, name) is None else getattr(self, name)[chosen] for name in COLUMNS}
        origin = np.arange(len(self))[chosen] if self.origin is None else self.origin[chosen]
        return replace(self, **taken, missing=self.missing + lost, origin=origin)

    def align(self, name: str, column: NDArray[Any]) -> NDArray[Any]:
        """A column of the rows as first given, cut to the rows that are left. Raises RefusalError for another length."""
        if len(column) != self.given:
            raise RefusalError(f"{name} has {len(column)} rows; the follow-up has {self.given}.")
        return column if self.origin is None else column[self.origin]

    def with_event(self, event: NDArray[Any]) -> "Survival":
        """The same rows with other event codes."""
        return replace(self, event=np.asarray(event, float))

    def binary(self) -> NDArray[np.bool_]:
        """Event or not. Raises RefusalError when the codes name several causes."""
        top = self.event.max()
        if top > 1:
            raise RefusalError(f"event holds the code {top:g}; this method takes 0 (censored) and 1 (event): choose one cause first.")
        return self.event > 0

    def notes(self) -> tuple[str, ...]:
        """Sentences a reader must see beside any number made from these rows."""
        zero = int((self.time == 0).sum())
        return (f"{zero} rows have time 0: they are at risk at time 0 and at no later time",) if zero else ()


COLUMNS = ("time", "event", "entry", "strata", "cluster", "weights")


def numbers(name: str, values: Any) -> NDArray[np.float64]:
    """A column as floats, None as NaN. Raises RefusalError for text."""
    if not isinstance(values, np.ndarray) or values.dtype == object:
        values = [math.nan if v is None else v for v in values]
    try:
        column = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise RefusalError(f"{name} holds something that is no number.") from None
    if column.ndim != 1:
        raise RefusalError(f"{name} has {column.ndim} dimensions; it must be one column.")
    return column


def labels(values: Any) -> Labels:
    """Any labels as numbers 0, 1, 2 … in sorted order; -1 where absent (None, NaN)."""
    return coded(values)[0]


def coded(values: Any) -> tuple[Labels, list[Any]]:
    """The labels as numbers in sorted order (-1 where absent), and the labels themselves."""
    column = np.asarray(values)
    if column.dtype.kind in "iub":
        names, codes = np.unique(column, return_inverse=True)
        return codes.astype(np.int64), names.tolist()
    items = column.tolist()
    present = {v for v in items if not (v is None or (isinstance(v, float) and math.isnan(v)))}
    try:
        names_list = sorted(present)
    except TypeError:
        names_list = sorted(present, key=str)
    place = {name: i for i, name in enumerate(names_list)}
    return np.array([place.get(v, -1) if v == v else -1 for v in items], dtype=np.int64), names_list  # noqa: PLR0124 - NaN is not itself


def _check(rows: Survival) -> None:
    time, event = rows.time, rows.event
    if not len(time):
        raise RefusalError(f"No row is left: {rows.missing} rows have a missing value.")
    low, high = time.min(), time.max()
    if low < 0 or not math.isfinite(high):
        bad = low if low < 0 else high
        raise RefusalError(f"time holds {bad:g}; a time of follow-up must be 0 or more and finite.")
    if event.min() < 0 or (event != np.rint(event)).any():
        bad = event[(event < 0) | (event != np.rint(event))][0]
        raise RefusalError(f"event holds {bad:g}; it must be 0 (censored), 1 (event) or a whole cause number.")
    if rows.entry is not None and not ((rows.entry < time) & np.isfinite(rows.entry)).all():
        first = int(np.flatnonzero(~((rows.entry < time) & np.isfinite(rows.entry)))[0])
        raise RefusalError(f"Row {first + 1} enters at {rows.entry[first]:g} and ends at {time[first]:g}; entry must be finite and before time.")
    if rows.weights is not None and not ((rows.weights > 0) & np.isfinite(rows.weights)).all():
        raise RefusalError(f"weights holds {rows.weights.min():g}; a weight must be above 0 and finite.")


def groups_of(survival: Survival, group: ArrayLike | Sequence[Any]) -> tuple[Survival, Labels, list[Any]]:
    """Rows with a known group, the group of each, and the labels. Raises RefusalError for fewer than two groups or a wrong length."""
    codes, names = coded(group)
    codes = survival.align("group", codes)
    known = codes >= 0
    rows = survival if known.all() else survival.rows(known, lost=int((~known).sum()))
    codes = codes[known]
    present = np.unique(codes)
    if len(present) < 2:
        raise RefusalError(f"group holds {len(present)} group with follow-up; a comparison needs at least 2.")
    return rows, np.searchsorted(present, codes), [names[i] for i in present]
