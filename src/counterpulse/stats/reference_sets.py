"""The 300 generated data sets that R and these estimators both compute, made from seeds alone. Knows no estimator.

Every number is a whole multiple of a power of two, so that no rounding of logarithms or of printed digits can make the two sides differ.
Ten kinds of 30: few ties, heavy ties, late entries, no events in one group, a single event, huge times, strata, clusters, very few rows, strong effects.
`python -m counterpulse.stats.reference_sets FOLDER` writes times.csv, tables.csv and values.csv for R.
"""

import csv
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SETS = 300
KINDS = ("few ties", "heavy ties", "late entry", "empty group", "single event", "huge times", "strata", "clusters", "few rows", "strong effect")
HUGE = 2.0**30


class Rows(NamedTuple):
    """One set of follow-up: event 0 censored, 1 own cause, 2 competing; x1 in steps of 1/64, x2 the group; second is an earlier, softer endpoint."""

    time: Floats
    event: Floats
    entry: Floats
    x1: Floats
    x2: Floats
    stratum: Floats
    cluster: Floats
    weight: Floats
    second: Floats
    second_event: Floats


def draw(seed: int) -> np.random.Generator:
    """A stream of uniform numbers whose bits do not depend on the version of numpy."""
    return np.random.Generator(np.random.PCG64(seed))


def rows(number: int) -> Rows:
    """Set `number`, 0 to 299."""
    kind = KINDS[number % len(KINDS)]
    u = draw(1_000 + number)
    n = 6 + int(u.random() * 6) if kind == "few rows" else 20 + int(u.random() * 100)
    x2 = (np.arange(n) % 2).astype(float)
    x1 = np.rint((u.random((4, n)).sum(axis=0) - 2) * 96) / 64
    effect = 1.5 if kind == "strong effect" else 0.4
    lead = -np.log(u.random(n)) * np.exp(-effect * (x2 - 0.5) - 0.25 * x1)
    width = {"few ties": 4000, "heavy ties": 6, "huge times": 800, "few rows": 30}.get(kind, 60)
    time = np.ceil(lead * width) + 1
    event = np.where(u.random(n) < 0.6, np.where(u.random(n) < 0.65, 1.0, 2.0), 0.0)
    if kind == "empty group":
        event = np.where(x2 == 1, 0.0, event)
    event[0], event[2] = 1.0, 2.0
    if kind == "single event":
        event[:] = 0.0
        event[int(u.random() * n)] = 1.0
    share = 0.9 if kind in ("late entry", "strong effect") else 0.4
    entry = np.minimum(np.floor(time * u.random(n) * share), time - 1)
    scale = HUGE if kind == "huge times" else 1.0
    stratum = np.floor(u.random(n) * (6 if kind == "strata" else 3))
    cluster = np.floor(np.arange(n) / (4 if kind == "clusters" else 2))
    weight = (1 + np.floor(u.random(n) * 16)) / 8
    second = np.maximum(1, np.floor(time * u.random(n)))
    second_event = (u.random(n) < 0.5).astype(float)
    return Rows(time * scale, event, entry * scale, x1, x2, stratum, cluster, weight, second * scale, second_event)


def table(number: int) -> tuple[float, float, float, float]:
    """Counts (x1, n1, x0, n0) of set `number`; every tenth has an arm without events, every tenth one in which all have it."""
    u = draw(5_000 + number)
    n1, n0 = (float(3 + int(u.random() * 37)) for _ in range(2))
    x1, x0 = (float(int(u.random() * (n + 1))) for n in (n1, n0))
    if number % 10 == 3:
        x0 = 0.0
        x1 = max(x1, 1.0)
    if number % 10 == 4:
        x1 = n1
        x0 = min(x0, n0 - 1)
    if x1 + x0 in (0.0, n1 + n0):
        x1 = 1.0 if x1 == 0 else x1 - 1
    return x1, n1, x0, n0


def square(number: int) -> Floats:
    """A 3 x 3 table of small counts with no empty row or column."""
    u = draw(7_000 + number)
    return np.floor(u.random((3, 3)) * 6) + np.eye(3)


def values(number: int) -> tuple[Floats, Floats]:
    """Two groups of measurements; odd numbers have ties, every fifth is too large for the exact rank distribution, every fourteenth is shifted far."""
    u = draw(9_000 + number)
    top = 100 if number % 5 == 0 else 45
    m, n = (3 + int(u.random() * (top - 3)) for _ in range(2))
    step = 4.0 if number % 2 else 2.0**20
    far = 2.0**16 if number % 14 == 0 else 0.0
    one = np.rint((u.random((3, m)).sum(axis=0) * 2 - 2) * step) / step + far
    zero = np.rint((u.random((3, n)).sum(axis=0) * 3 - 4) * step) / step + far
    return one, zero


def write(folder: Path) -> None:
    """Write every set for R: one row per person, table or value, the number of the set first."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "times.csv").open("w", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(["set", *Rows._fields])
        for number in range(SETS):
            sheet.writerows([number, *map(repr, map(float, row))] for row in zip(*rows(number), strict=True))
    with (folder / "tables.csv").open("w", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(["set", "x1", "n1", "x0", "n0", *[f"c{i}{j}" for i in range(3) for j in range(3)]])
        sheet.writerows([number, *table(number), *square(number).ravel()] for number in range(SETS))
    with (folder / "values.csv").open("w", newline="") as file:
        sheet = csv.writer(file)
        sheet.writerow(["set", "group", "value"])
        for number in range(SETS):
            for group, column in zip((1, 0), values(number), strict=True):
                sheet.writerows([number, group, repr(float(value))] for value in column)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
