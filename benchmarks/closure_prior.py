"""Makes `signals/data/closure.toml`: what a population of drawn patients knows of closure, and how good it is on patients drawn apart.

Usage: python benchmarks/closure_prior.py [--patients 244] [--apart 60] [--write]

Weights: every patient's own are taken as drawn from one Gaussian, whose mean and covariance are found with the noise by expectation and maximisation
(a hierarchical linear regression); of the covariance the few directions that move predictions most are kept. A beat counts once, its rows by how near they
lie to where the console has to decide. The presets are not used.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

from closure_patients import population
from closure_rows import Rows, rows_of
from counterpulse.signals.closure import BELIEVED, LONGEST_TIME, MOST_S, OFFSET_S, STEP_S, TIME_UNIT_S
from counterpulse.signals.closure_prior import DIRECTIONS, TERMS
from counterpulse.whole import whole_file
from plans import table

SEED, APART_SEED, SECONDS = 20261121, 20261122, 160.0
SOURCES = ("root", "lumen", "radial", "femoral")
NEAR_S = 0.08  # rows so near to the horizon before the expected closure are used
DECIDES_S = 0.02  # and count by how near what they predict comes to the horizon, SD
ODD = 3.0  # SD: what lies further off counts less (Cauchy)
ROUNDS = 12
SAME_ROWS = 7.0  # rows of a beat that a lesson takes: no independent witnesses, so the noise of one is the beat's times the root of this
DOUBTED = 0.5  # SD of a factor on the whole mean (assumed)
LESSONS = 15
LEAST_DECIDED = 30  # beats with usable rows
TABLE = Path(__file__).parent.parent / "src" / "counterpulse" / "signals" / "data" / "closure.toml"
LATEST_S = 0.12  # rows further from the horizon before the expected closure are none of a decision


def terms(rows: Rows, scale: Any, use: Any) -> Any:
    """As `closure.fill_terms`, with a one in front."""
    away = np.clip(rows.away[use] / scale, -BELIEVED, BELIEVED)
    time = np.clip(rows.time_s[use, None] / TIME_UNIT_S, -LONGEST_TIME, LONGEST_TIME)
    return np.c_[np.ones(len(away)), away, away * time, away * time * time]


def shares(rows: Rows, use: Any, says: Any) -> Any:
    """What each row counts: nearness of what it says to where it decides; a beat's rows sum to one at most."""
    near = np.exp(-0.5 * ((says - rows.time_s[use]) / DECIDES_S) ** 2)
    sums = np.bincount(rows.beat[use], near, minlength=rows.beat.max() + 1)
    return near / np.maximum(sums[rows.beat[use]], 1.0)


def usable(one: Rows) -> Any:
    """Rows near the horizon that end well before the valve closes."""
    return (np.abs(one.time_s) < NEAR_S) & (one.late_s - one.time_s + one.horizon_s > 0.016)


class Hierarchy:
    """Mean and covariance of weights over patients, noise of a beat."""

    def __init__(self, patients: list[Rows]) -> None:
        self.scale = np.quantile([np.sqrt(np.mean(one.away**2, 0)) for one in patients], 0.6, axis=0) + 1e-6
        self.use = [usable(one) for one in patients]
        self.x = [terms(one, self.scale, use) for one, use in zip(patients, self.use, strict=True)]
        self.y = [one.late_s[use] for one, use in zip(patients, self.use, strict=True)]
        self.mean, self.noise = np.zeros(1 + TERMS), 0.01
        self.spread = np.diag(np.r_[OFFSET_S**2, np.full(TERMS, 0.003**2)])
        for _ in range(ROUNDS):
            self.step(patients)

    def counts(self, one: Rows, i: int, weights: Any) -> Any:
        """What the rows of a patient count, given his weights."""
        says = self.x[i] @ weights
        odd = 1.0 / (1.0 + ((self.y[i] - says) / (ODD * self.noise)) ** 2)
        return shares(one, self.use[i], says) * odd

    def own(self, one: Rows, i: int) -> tuple[Any, Any, float, float]:
        """A patient's weights, how sure they are, weighted square of what they leave, and how much counted."""
        x, y, weights = self.x[i], self.y[i], self.mean
        inverse = np.linalg.inv(self.spread)
        for _ in range(2):
            v = self.counts(one, i, weights)
            doubt = np.linalg.inv(inverse + x.T @ (x * v[:, None]) / self.noise**2)
            weights = doubt @ (inverse @ self.mean + x.T @ (v * y) / self.noise**2)
        left = y - x @ weights
        return weights, doubt, float(v @ (left**2 + np.einsum("ij,jk,ik->i", x, doubt, x))), float(v.sum())

    def step(self, patients: list[Rows]) -> None:
        """One round of expectation and maximisation; the offset's mean is zero by definition, its spread stays."""
        owns = [self.own(one, i) for i, one in enumerate(patients)]
        weights, doubts = np.array([own[0] for own in owns]), np.array([own[1] for own in owns])
        self.mean = np.r_[0.0, weights[:, 1:].mean(0)]
        away = weights - self.mean
        self.spread = np.mean(doubts, 0) + away.T @ away / len(owns) + 1e-10 * np.eye(1 + TERMS)
        self.spread[0, :], self.spread[:, 0] = 0.0, 0.0
        self.spread[0, 0] = OFFSET_S**2
        self.noise = float(np.sqrt(sum(own[2] for own in owns) / sum(own[3] for own in owns)))

    def ways(self) -> Any:
        """Directions of unit variance that move predictions most; the last is the mean itself, which may be off by half in someone who was not simulated."""
        moments = np.mean([x[:, 1:].T @ x[:, 1:] / len(x) for x in self.x], 0)
        root = np.linalg.cholesky(self.spread[1:, 1:])
        _, vectors = np.linalg.eigh(root.T @ moments @ root)
        return np.r_[(root @ vectors[:, ::-1][:, : DIRECTIONS - 1]).T, DOUBTED * self.mean[None, 1:]]

    def rows_noise(self, patients: list[Rows]) -> list[float]:
        """SD of what a row leaves at the horizon, and how much more TIME_UNIT_S before it; a lesson's rows together weigh as one beat."""
        left, time = [], []
        for i, one in enumerate(patients):
            left.append(np.abs(self.y[i] - self.x[i] @ self.own(one, i)[0]))
            time.append(one.time_s[self.use[i]])
        r, t = np.concatenate(left), np.concatenate(time)
        sd = [1.25 * float(np.mean(np.minimum(r[(t > a) & (t < b)], 0.03))) for a, b in ((-0.01, 0.01), (-0.04, -0.02))]
        return [sd[0] * np.sqrt(SAME_ROWS), max(sd[1] - sd[0], 0.0) * np.sqrt(SAME_ROWS)]


def stops(one: Rows, says: Any, use: Any) -> list[tuple[int, float, Any]]:
    """For every beat: its row at which the console decides (index among the used), the closure decided on less what was expected, all its rows."""
    beat, time, found = one.beat[use], one.time_s[use], []
    for b in np.unique(beat):
        rows = np.flatnonzero(beat == b)
        stop = rows[says[rows] <= time[rows] + 0.5 * STEP_S]
        if len(stop):
            found.append((stop[0], max(says[stop[0]], time[stop[0]]), rows))
    return found


def learned(h: Hierarchy, ways: Any, one: Rows, lessons: int) -> tuple[Any, Any, Any]:
    """What is said of the rows of a patient after `lessons` beats spread over the run have taught; closure; beats that taught."""
    use = np.abs(one.time_s) < LATEST_S
    x, y, beat = terms(one, h.scale, use), one.late_s[use], one.beat[use]
    known, plain = np.c_[x[:, 0], x[:, 1:] @ ways.T], x @ h.mean
    taught = np.unique(beat)[:: max(len(np.unique(beat)) // lessons, 1)] if lessons else np.array([], int)
    inside = np.isin(beat, taught) & usable(one)[use]
    v = shares(one, use, plain)[inside] / h.noise**2
    k = known[inside]
    z = np.linalg.solve(np.diag(np.r_[1.0 / OFFSET_S**2, np.ones(DIRECTIONS)]) + k.T @ (k * v[:, None]), k.T @ (v * (y - plain)[inside]))
    return np.clip(plain + known @ z, -MOST_S, MOST_S), y, taught


def decided(h: Hierarchy, ways: Any, one: Rows, lessons: int) -> Any:
    """Errors of a patient's beats where the console decides; without lessons less their mean."""
    use = np.abs(one.time_s) < LATEST_S
    says, y, taught = learned(h, ways, one, lessons)
    errors = np.array([closes - y[row] for row, closes, _ in stops(one, says, use) if one.beat[use][row] not in taught])
    return errors if lessons else errors - errors.mean()


def numbers(values: Any) -> str:
    """A list in TOML, thousandths of a ms are enough."""
    return "[" + ", ".join(f"{1000.0 * value:.4g}" for value in np.ravel(values)) + "]"


def section(name: str, patients: list[Rows]) -> tuple[str, Hierarchy, Any]:
    """The table of one source."""
    h = Hierarchy(patients)
    ways = h.ways()
    scale = "[" + ", ".join(f"{value:.4g}" for value in h.scale) + "]"
    lines = [f"[{name}]", f"scale = {scale}", f"mean_ms = {numbers(h.mean[1:])}", "ways_ms = [", *(f"  {numbers(way)}," for way in ways), "]"]
    lines += [f"noise_ms = {numbers(h.rows_noise(patients))}"]
    return "\n".join([*lines, ""]), h, ways


def quality(h: Hierarchy, ways: Any, patients: list[Rows]) -> list[str]:
    """Median over patients of the SD of the error where the console decides, after so many lessons, ms."""
    each = [[decided(h, ways, one, lessons) for one in patients] for lessons in (0, 5, LESSONS, 60)]
    return [f"{1000.0 * np.median([errors.std() for errors in some if len(errors) > LEAST_DECIDED]):.1f}" for some in each]


def shown_by(people: list[Any], source: int) -> list[Rows]:
    """What a source shows of those of whom it shows enough."""
    found = (rows_of(one, source, SEED) for one in people)
    return [one for one in found if one is not None and len(np.unique(one.beat[usable(one)])) > LEAST_DECIDED]


def main() -> int:
    """Draw, fit, print how good it is on patients drawn apart, and, if asked, write the table."""
    number = lambda key, other: int(sys.argv[sys.argv.index(key) + 1]) if key in sys.argv else other  # noqa: E731
    people, apart = population(SEED, number("--patients", 244), SECONDS), population(APART_SEED, number("--apart", 60), SECONDS)
    sections, rows = [], []
    for source, name in enumerate(SOURCES):
        text, h, ways = section(name, shown_by(people, source))
        sections.append(text)
        rows.append([name, *quality(h, ways, shown_by(apart, source))])
    print(table(["source", "no lesson", "5 lessons", f"{LESSONS} lessons", "60 lessons"], rows))
    if "--write" in sys.argv:
        words = f"# Made by benchmarks/closure_prior.py --write: seed {SEED}, {len(people)} of {number('--patients', 244)} drawn patients lived, {SECONDS:g} s each.\n"
        with whole_file(TABLE) as file:
            file.write_text(words + "# They say something of simulated people, little of real ones.\n\n" + "\n".join(sections), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
