"""Win ratio: every treated patient against every control, by a hierarchy of endpoints (death, then heart replacement, then a measurement).

Units: those of the levels. Sources: Pocock et al., Eur Heart J 2012;33:176; Bebu and Lachin, Biostatistics 2016;17:178 (variance, U-statistic
with moment covariances); Finkelstein and Schoenfeld, Stat Med 1999;18:1341 (test); Brunner et al., Stat Biosci 2021 (win odds).
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from counterpulse.refusal import RefusalError
from counterpulse.stats.distributions import normal_tail, z_of
from counterpulse.stats.result import Result
from counterpulse.stats.times import coded, numbers

Floats = NDArray[np.float64]
BLOCK = 4_000_000  # pairs held at once


@dataclass(frozen=True, eq=False)
class TimeLevel:
    """A time to an event, later is better. A pair is decided only by an event that happens while the other is known to be free of it.

    At equal times an event loses to a censoring. `margin`: a later event must be later by more than this to win.
    """

    time: Any
    event: Any
    name: str = "time"
    margin: float = 0.0

    def columns(self) -> tuple[Floats, Floats]:
        """Time and event as numbers."""
        return numbers(f"{self.name} time", self.time), numbers(f"{self.name} event", self.event)

    def compare(self, one: tuple[Floats, ...], zero: tuple[Floats, ...]) -> NDArray[np.int8]:
        """+1 where a row of `one` beats a column of `zero`, -1 where it loses, 0 where neither is known."""
        (t1, e1), (t0, e0) = ((part[0], part[1] > 0) for part in (one, zero))
        gap = np.subtract.outer(t1, t0)
        win = e0[None, :] & ((gap > self.margin) | ((gap == 0) & ~e1[:, None] & (self.margin == 0)))
        loss = e1[:, None] & ((gap < -self.margin) | ((gap == 0) & ~e0[None, :] & (self.margin == 0)))
        return win.astype(np.int8) - loss.astype(np.int8)


@dataclass(frozen=True, eq=False)
class ValueLevel:
    """A measurement; a difference of more than `margin` decides. A missing value decides nothing."""

    value: Any
    higher_is_better: bool
    name: str = "value"
    margin: float = 0.0

    def columns(self) -> tuple[Floats]:
        """The value as numbers, signed so that higher is better."""
        column = numbers(self.name, self.value)
        return (column if self.higher_is_better else -column,)

    def compare(self, one: tuple[Floats, ...], zero: tuple[Floats, ...]) -> NDArray[np.int8]:
        """+1 where a row of `one` beats a column of `zero`, -1 where it loses, 0 where they are too close or unknown."""
        gap = np.subtract.outer(one[0], zero[0])
        return (gap > self.margin).astype(np.int8) - (gap < -self.margin).astype(np.int8)


Level = TimeLevel | ValueLevel


@dataclass(frozen=True, kw_only=True, eq=False)
class WinRatio(Result):
    """Wins, losses and ties of the second group (sorted label) over the first, their ratio, odds and net benefit, and how each level decided."""

    groups: tuple[Any, Any]
    wins: int
    losses: int
    ties_left: int
    win_ratio: float
    lower: float
    upper: float
    p: float
    log_std_err: float
    win_odds: float
    net_benefit: float
    net_std_err: float
    net_lower: float
    net_upper: float
    by_level: tuple[dict[str, Any], ...]
    finkelstein_schoenfeld: tuple[float, float]


def _pairs(levels: list[Level], rows: Any, columns: Any) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """Verdict of every pair and, per level, wins, losses decided there."""
    verdict: NDArray[np.int8] = np.zeros((len(rows[0][0]), len(columns[0][0])), np.int8)
    decided = np.zeros((len(levels), 2), np.int64)
    for k, level in enumerate(levels):
        fresh = np.where(verdict == 0, level.compare(rows[k], columns[k]), 0).astype(np.int8)
        decided[k] = (fresh > 0).sum(), (fresh < 0).sum()
        verdict = verdict + fresh
    return verdict, decided


def _take(parts: Any, chosen: Any) -> Any:
    return [tuple(column[chosen] for column in part) for part in parts]


def _tally(levels: list[Level], rows: Any, columns: Any) -> tuple[Floats, Floats, Floats]:
    """Wins and losses of every row (n x 2) and of every column (m x 2), and by level."""
    n, m = len(rows[0][0]), len(columns[0][0])
    by_row, by_column, decided = np.zeros((n, 2)), np.zeros((m, 2)), np.zeros((len(levels), 2))
    size = max(1, BLOCK // m)
    for start in range(0, n, size):
        chosen = slice(start, start + size)
        verdict, here = _pairs(levels, _take(rows, chosen), columns)
        decided += here
        for side, sign in enumerate((1, -1)):
            by_row[chosen, side] = (verdict == sign).sum(axis=1)
            by_column[:, side] += (verdict == sign).sum(axis=0)
    return by_row, by_column, decided


def win_ratio(levels: list[Level], group: ArrayLike, *, level: float = 0.95) -> WinRatio:
    """Unmatched win ratio over all pairs; a row with a missing time or group is left out and counted.

    Raises RefusalError for no level, other than two groups, columns of different length, or no decided pair on one side.
    """
    if not levels:
        raise RefusalError("No level was given; a win ratio needs at least one endpoint.")
    parts: Any = [item.columns() for item in levels]
    codes, names = coded(group)
    for item, part in zip(levels, parts, strict=True):
        if any(len(column) != len(codes) for column in part):
            raise RefusalError(f"The level {item.name} has {len(part[0])} rows; group has {len(codes)}.")
    known = codes >= 0
    for item, part in zip(levels, parts, strict=True):
        if isinstance(item, TimeLevel):
            known &= ~np.isnan(part[0]) & ~np.isnan(part[1])
    parts, codes = _take(parts, known), codes[known]
    if len(np.unique(codes)) != 2 or len(names) != 2:
        raise RefusalError(f"group holds {len(np.unique(codes))} groups with data; a win ratio compares 2.")
    one, zero = _take(parts, codes == 1), _take(parts, codes == 0)
    by_row, by_column, decided = _tally(levels, one, zero)
    return _report(levels, (by_row, by_column, decided), _test(levels, parts, codes), (names, int((~known).sum()), level))


def _test(levels: list[Level], parts: Any, codes: NDArray[np.int64]) -> tuple[float, float]:
    """Finkelstein-Schoenfeld z and P: each patient's wins less losses against everyone, summed over the treated."""
    by_row, _, _ = _tally(levels, parts, parts)
    scores = by_row[:, 0] - by_row[:, 1]
    n, n1 = len(codes), int((codes == 1).sum())
    variance = n1 * (n - n1) / (n * (n - 1)) * float(scores @ scores)
    z = float(scores[codes == 1].sum()) / math.sqrt(variance) if variance else math.nan
    return z, normal_tail(z)


def _report(levels: list[Level], tally: tuple[Floats, Floats, Floats], test: tuple[float, float], made: tuple[Any, int, float]) -> WinRatio:
    (by_row, by_column, decided), (names, missing, level) = tally, made
    n1, n0 = len(by_row), len(by_column)
    pairs = n1 * n0
    wins, losses = by_row.sum(axis=0)
    if not (wins and losses):
        raise RefusalError(f"{names[1]} has {wins:g} wins and {losses:g} losses over {names[0]}; a win ratio needs at least one of each.")
    win, loss = wins / pairs, losses / pairs
    covariance = np.cov(by_row.T / n0, bias=True) / n1 + np.cov(by_column.T / n1, bias=True) / n0
    slope, z = np.array([1 / win, -1 / loss]), z_of(level)
    se = math.sqrt(float(slope @ covariance @ slope))
    net_se = math.sqrt(float(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]))
    ratio, net, half = win / loss, win - loss, (1 - win - loss) / 2
    return WinRatio(
        method="Win ratio, unmatched, all pairs",
        variant=f"{names[1]} over {names[0]}; hierarchy {' > '.join(item.name for item in levels)}",
        ties="undecided pairs go to the next level; left over at the end they count for nobody",
        interval="Wald on the log ratio, U-statistic variance (Bebu-Lachin)",
        level=level,
        sided="two-sided",
        denominators={f"rows {names[1]}": n1, f"rows {names[0]}": n0, "pairs": pairs},
        missing=missing,
        groups=(names[1], names[0]),
        wins=int(wins),
        losses=int(losses),
        ties_left=int(pairs - wins - losses),
        win_ratio=ratio,
        lower=ratio * math.exp(-z * se),
        upper=ratio * math.exp(z * se),
        p=normal_tail(math.log(ratio) / se) if se else math.nan,
        log_std_err=se,
        win_odds=(win + half) / (loss + half),
        net_benefit=net,
        net_std_err=net_se,
        net_lower=net - z * net_se,
        net_upper=net + z * net_se,
        by_level=tuple({"level": item.name, "wins": int(w), "losses": int(lost)} for item, (w, lost) in zip(levels, decided, strict=True)),
        finkelstein_schoenfeld=test,
    )
