"""A published baseline table as something to draw from: quartiles, shares, assumptions, correlations, and what is impossible. Knows files; draws nothing."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from counterpulse.refusal import RefusalError

Floats = NDArray[np.float64]
NOT_TABLES = ("measurement", "free")
CUTS, STEEPEST = 40, 8.0


@dataclass(frozen=True)
class Bent:
    """A marginal through three quartiles: median + scale (exp(bend z) - 1) / bend of a normal score z (Tukey's g; a shifted log-normal)."""

    median: float
    scale: float
    bend: float
    low: float
    high: float

    def share_below(self, value: float) -> float:
        """Share of the unbounded marginal that lies below a value."""
        away = (value - self.median) / self.scale
        if abs(self.bend) < 1e-9:
            return float(ndtr(away))
        inside = 1.0 + self.bend * away
        return float(ndtr(np.log(inside) / self.bend)) if inside > 0.0 else float(self.bend < 0.0)

    def at(self, scores: Floats) -> Floats:
        """Values of normal scores, within the limits: the marginal is cut there, not heaped up."""
        first, last = self.share_below(self.low), self.share_below(self.high)
        score = ndtri(first + ndtr(scores) * (last - first))
        stretched = np.expm1(self.bend * score) / self.bend if abs(self.bend) > 1e-9 else score
        return self.median + self.scale * stretched


def bent(quartiles: Any, low: float, high: float) -> Bent:
    """The marginal, cut at its limits, whose quartiles these are. Raises RefusalError unless they rise."""
    first, median, third = (float(value) for value in quartiles)
    if not first < median < third:
        raise RefusalError(f"Quartiles {first:g}, {median:g}, {third:g} must rise.")
    scores = ndtri(np.array([0.25, 0.5, 0.75]))
    found = through((first, median, third), scores, low, high)
    for _ in range(CUTS):  # what is cut off moves the scores that the quartiles have
        below, above = found.share_below(low), found.share_below(high)
        moved = ndtri(below + np.array([0.25, 0.5, 0.75]) * (above - below))
        done = float(np.abs(moved - scores).max()) < 1e-9
        scores = moved
        found = through((first, median, third), scores, low, high)
        if done:
            break
    return found


def through(values: tuple[float, float, float], scores: Floats, low: float, high: float) -> Bent:
    """The curve that takes three normal scores to three values."""
    ratio = (values[2] - values[1]) / (values[1] - values[0])
    rise = lambda bend, a, b: float((np.exp(bend * b) - np.exp(bend * a)) / bend) if abs(bend) > 1e-9 else b - a  # noqa: E731
    wanted = lambda bend: rise(bend, scores[1], scores[2]) - ratio * rise(bend, scores[0], scores[1])  # noqa: E731
    bend: Any = brentq(wanted, -STEEPEST, STEEPEST) if wanted(-STEEPEST) * wanted(STEEPEST) < 0.0 else np.sign(np.log(ratio)) * STEEPEST
    scale = (values[2] - values[0]) / rise(bend, scores[0], scores[2])
    return Bent(values[1] - scale * rise(bend, 0.0, scores[1]), scale, float(bend), low, high)


@dataclass(frozen=True)
class Table:
    """A table of the package: its parsed document, and the weights of its arms."""

    document: dict[str, Any]

    @property
    def about(self) -> dict[str, Any]:
        """Title, source, arms, notes."""
        return self.document["table"]

    @property
    def weights(self) -> Floats:
        """Share of each arm in all patients."""
        n = np.array(self.about["n"], float)
        return n / n.sum()

    def printed(self) -> dict[str, Floats]:
        """Quartiles of each continuous row, arms together: what a cohort is to reproduce."""
        rows = [*self.document["quartiles"], *self.document.get("derived", [])]
        return {row["name"]: self.weights @ np.array(row["values"], float) for row in rows}

    def drawn(self) -> dict[str, tuple[Floats, float, float]]:
        """Quartiles and limits of every continuous quantity that is drawn, assumed ones too."""
        printed = self.printed()
        rows = {row["name"]: (printed[row["name"]], float(row["low"]), float(row["high"])) for row in self.document["quartiles"]}
        return rows | {row["name"]: (np.array(row["quartiles"], float), float(row["low"]), float(row["high"])) for row in self.document["assumed"]}

    def shares(self, section: str = "share") -> dict[str, float]:
        """Share of all patients with each yes-or-no row (`check`: those that a cohort is compared with afterwards)."""
        total = float(sum(self.about["n"]))
        return {row["name"]: sum(row["counts"]) / total for row in self.document[section]}

    def fitted(self) -> tuple[str, ...]:
        """Names of the numbers that a patient is calibrated to."""
        rows = [row for section in ("quartiles", "derived", "assumed") for row in self.document.get(section, [])]
        return (*(row["name"] for row in rows if row.get("fitted")), *self.about.get("also_fitted", []))

    def correlations(self) -> dict[tuple[str, str], float]:
        """Stated correlations of normal scores."""
        return {(row["of"][0], row["of"][1]): float(row["r"]) for row in self.document["correlation"]}

    def assumptions(self) -> list[str]:
        """Every assumption in a sentence."""
        told = list(self.about["notes"])
        told += [f"{row['name']}, quartiles {', '.join(f'{value:.4g}' for value in row['quartiles'])}: {row['why']}." for row in self.document["assumed"]]
        told += [f"Correlation of {row['of'][0]} and {row['of'][1]}, {row['r']:g}: {row['why']}." for row in self.document["correlation"]]
        return told + [f"Refused outside {low:g} to {high:g}: {name}." for name, (low, high) in self.document["screen"].items()]


def tables() -> list[str]:
    """Names of the tables there are."""
    folder = resources.files("counterpulse.cohort") / "tables"
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.removesuffix(".toml") not in NOT_TABLES)


@cache
def table(name: str) -> Table:
    """A table by name. Raises RefusalError naming those there are."""
    if name not in tables():
        raise RefusalError(f"There is no table {name[:60]!r}; there are: {', '.join(tables())}.")
    text = (resources.files("counterpulse.cohort") / "tables" / f"{name}.toml").read_text(encoding="utf-8")
    return Table(tomllib.loads(text))
