"""Several confirmatory analyses, one error rate: adjusted P of the secondary analyses behind the primary.

Gatekeeping: secondary analyses are confirmatory only when the primary one is significant. Within them Holm 1979 (Scand J Stat 6:65), Hochberg
1988 (Biometrika 75:800), Bonferroni, or a fixed order. Two-sided P in 0 to 1. Sensitivity and exploratory analyses are never adjusted or confirmatory.
"""

import math
from typing import Any, NamedTuple

from counterpulse.trial.estimate import Estimate, plain


class Adjusted(NamedTuple):
    """One analysis with its adjusted P and what it may be called."""

    id: str
    p: float
    p_adjusted: float
    status: str

    def as_dict(self) -> dict[str, Any]:
        """The row as JSON holds it."""
        return {key: plain(value) for key, value in self._asdict().items()}


def adjust(estimates: list[Estimate], method: str, alpha: float) -> list[Adjusted]:
    """The primary and the secondary analyses in the order of the plan."""
    primary = [entry for entry in estimates if entry.role == "primary"]
    secondary = [entry for entry in estimates if entry.role == "secondary" and math.isfinite(entry.p)]
    made = [Adjusted(entry.id, entry.p, entry.p, "significant" if entry.p < alpha else "not significant") for entry in primary]
    open_gate = all(entry.p < alpha for entry in primary) and bool(primary)
    values = adjusted([entry.p for entry in secondary], method)
    for entry, p in zip(secondary, values, strict=True):
        if method == "none":
            status = "nominal: no multiplicity method is planned"
        elif not open_gate:
            status = "nominal: the primary analysis is not significant"
        else:
            status = "significant" if p < alpha else "not significant"
        made.append(Adjusted(entry.id, entry.p, p, status))
    return made


def adjusted(p: list[float], method: str) -> list[float]:
    """Adjusted P in the order given."""
    m = len(p)
    order = sorted(range(m), key=lambda i: p[i])
    made = list(p)
    if method == "bonferroni":
        return [min(1.0, m * value) for value in p]
    if method == "hierarchical":
        return [max(p[: i + 1]) for i in range(m)]
    if method == "holm":
        highest = 0.0
        for rank, i in enumerate(order):
            highest = max(highest, min(1.0, (m - rank) * p[i]))
            made[i] = highest
    if method == "hochberg":
        lowest = 1.0
        for rank in range(m - 1, -1, -1):
            lowest = min(lowest, (m - rank) * p[order[rank]])
            made[order[rank]] = lowest
    return made
