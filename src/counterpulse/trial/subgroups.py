"""Subgroups: the primary endpoint's hazard ratio in each level and the P of the interaction.

Levels from cut points (closed on the right by default: <= cut) or as recorded. The interaction P is the likelihood-ratio test of the products
in one Cox model with the levels; those without a value are counted and left out. Not adjusted for the strata of the randomisation.
"""

import itertools
import math
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from counterpulse.refusal import RefusalError
from counterpulse.stats.distributions import chi2_tail
from counterpulse.stats.survival import Survival, cox
from counterpulse.trial.endpoints import Times
from counterpulse.trial.estimate import plain
from counterpulse.trial.plan import Subgroup
from counterpulse.trial.question import Question


class Level(NamedTuple):
    """One level: participants and events of both arms (active first) and the hazard ratio."""

    name: str
    n: tuple[int, int]
    events: tuple[int, int]
    estimate: float
    lower: float
    upper: float


class Grouped(NamedTuple):
    """A subgroup's levels, its interaction P and how many have no value."""

    variable: str
    levels: tuple[Level, ...]
    p_interaction: float
    missing: int
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The subgroup as JSON holds it."""
        return {"variable": self.variable, "levels": [plain(level._asdict()) for level in self.levels],
                "p_interaction": plain(self.p_interaction), "missing": self.missing, "note": self.note or None}


def subgroup(question: Question, planned: Subgroup) -> Grouped:
    """Hazard ratios by level. Raises RefusalError for an unknown column or cut points on a column of words."""
    rows = question.rows()
    if planned.variable not in rows.members.columns:
        raise RefusalError(f"Subgroup {planned.variable}: subjects.parquet has no such column.")
    names, place = _levels(rows.members[planned.variable], planned)
    known = place >= 0
    levels = [_level(rows, place == i, name) for i, name in enumerate(names)]
    try:
        p, note = _interaction(rows, place, len(names)), ""
    except RefusalError as refusal:
        p, note = math.nan, f"no interaction P: {refusal}"
    return Grouped(planned.variable, tuple(levels), p, int((~known).sum()), note)


def _levels(column: pl.Series, planned: Subgroup) -> tuple[list[str], NDArray[np.int64]]:
    if not planned.cuts:
        words = column.cast(pl.String)
        names = sorted(words.drop_nulls().unique().to_list())
        places = {name: i for i, name in enumerate(names)}
        return names, np.array([places.get(value, -1) for value in words.to_list()])
    if not column.dtype.is_numeric():
        raise RefusalError(f"Subgroup {planned.variable}: cuts are given, but the column holds words.")
    values = column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    place = np.searchsorted(np.array(planned.cuts), values, side="left" if planned.closed == "right" else "right")
    below, above = ("≤", ">") if planned.closed == "right" else ("<", "≥")
    cuts = [f"{cut:g}" for cut in planned.cuts]
    names = [f"{below}{cuts[0]}", *(f"{above}{low} to {below}{high}" for low, high in itertools.pairwise(cuts)), f"{above}{cuts[-1]}"]
    return names, np.where(np.isnan(values), -1, place)


def _level(rows: Times, here: NDArray[np.bool_], name: str) -> Level:
    n = tuple(int((here & (rows.group == arm)).sum()) for arm in (1, 0))
    events = tuple(int((here & (rows.group == arm) & (rows.event == 1)).sum()) for arm in (1, 0))
    if min(n) == 0 or min(events) == 0:
        return Level(name, (n[0], n[1]), (events[0], events[1]), math.nan, math.nan, math.nan)
    fit = cox(Survival(rows.time[here], (rows.event[here] == 1).astype(int)), rows.group[here].astype(float))
    return Level(name, (n[0], n[1]), (events[0], events[1]), float(fit.hazard_ratios[0]), float(fit.lower[0]), float(fit.upper[0]))


def _interaction(rows: Times, place: NDArray[np.int64], many: int) -> float:
    if many < 2:
        raise RefusalError("one level only.")
    known = place >= 0
    follow = Survival(rows.time[known], (rows.event[known] == 1).astype(int))
    arm = rows.group[known].astype(float)
    level = np.column_stack([(place[known] == i).astype(float) for i in range(1, many)])
    plain_fit = cox(follow, np.column_stack([arm, level]))
    full = cox(follow, np.column_stack([arm, level, level * arm[:, None]]))
    return chi2_tail(max(2 * (full.loglik[1] - plain_fit.loglik[1]), 0.0), many - 1)
