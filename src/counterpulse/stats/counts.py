"""Tables of counts and what may not be in them. Knows no test.

Unit: people. A two-arm table is [[x1, n1 - x1], [x0, n0 - x0]]: arm 1 is the treated arm, arm 0 the reference.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from counterpulse.refusal import RefusalError


def check_table(table: ArrayLike) -> NDArray[np.float64]:
    """Give the table as floats (rows x columns). Raises RefusalError for anything but a table of whole counts with no empty row or column."""
    try:
        counts = np.asarray(table, dtype=float)
    except (TypeError, ValueError):
        raise RefusalError("The table holds something that is no number; it must hold whole counts of people.") from None
    if counts.ndim != 2 or min(counts.shape) < 2:
        raise RefusalError(f"The table has shape {counts.shape}; it must have at least two rows and two columns.")
    bad = ~((counts >= 0) & (counts == np.floor(counts)) & np.isfinite(counts))
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise RefusalError(f"The count in row {row + 1}, column {column + 1} is {counts[row, column]:g}; it must be a whole number of 0 or more.")
    for axis, name in ((1, "row"), (0, "column")):
        empty = np.flatnonzero(counts.sum(axis) == 0)
        if len(empty):
            raise RefusalError(f"The total of {name} {empty[0] + 1} is 0 people; a test needs at least one in every {name}.")
    return counts


def check_sums(table: ArrayLike, rows: ArrayLike, columns: ArrayLike) -> None:
    """Raise RefusalError unless the counts add up to the printed row and column totals."""
    counts = np.asarray(table, dtype=float)
    for name, given, axis in (("row", rows, 1), ("column", columns, 0)):
        totals = np.asarray(given, dtype=float)
        sums = counts.sum(axis)
        if totals.shape != sums.shape:
            raise RefusalError(f"{len(totals)} {name} totals are given for {len(sums)} {name}s.")
        wrong = np.flatnonzero(totals != sums)
        if len(wrong):
            first = wrong[0]
            raise RefusalError(f"The counts of {name} {first + 1} sum to {sums[first]:g} people; the total given is {totals[first]:g}.")


def check_arm(x: Any, n: Any, arm: str) -> tuple[float, float]:
    """Give events and people of one arm. Raises RefusalError unless 0 <= x <= n, both whole, and n >= 1."""
    if not (_whole(n) and n >= 1):
        raise RefusalError(f"{arm} has n = {n} people; an arm needs a whole number of at least 1.")
    if not (_whole(x) and 0 <= x <= n):
        raise RefusalError(f"{arm} has x = {x} events among {n} people; events must be a whole number from 0 to {n}.")
    return float(x), float(n)


def two_arms(x1: float, n1: float, x0: float, n0: float) -> tuple[float, float, float, float]:
    """Checked counts of both arms. Raises RefusalError like `check_arm`."""
    return (*check_arm(x1, n1, "Arm 1"), *check_arm(x0, n0, "Arm 0 (reference)"))


def two_by_two(x1: float, n1: float, x0: float, n0: float) -> NDArray[np.float64]:
    """The 2 x 2 table of two arms. Raises RefusalError like `check_arm`."""
    x1, n1, x0, n0 = two_arms(x1, n1, x0, n0)
    return np.array([[x1, n1 - x1], [x0, n0 - x0]])


def _whole(value: Any) -> bool:
    try:
        return float(value) == int(value)
    except (TypeError, ValueError, OverflowError):
        return False
