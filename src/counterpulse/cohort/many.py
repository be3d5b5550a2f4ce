"""Calibrates many patients at once, one lane each: the emulator gives start and slopes, simulation corrects (Broyden), each patient stops by itself.

What a patient's result is does not depend on who lies beside it. The last word is a look at the patient as it is, with breaths and its own rhythm; in
fibrillation what irregularity adds is taken off the targets once. Numbers are compared as logarithms.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterpulse.body.patient import Rhythm
from counterpulse.cohort.emulate import SHOWN, Emulator, emulator
from counterpulse.cohort.free import Free, free_of
from counterpulse.cohort.lanes import Look, show
from counterpulse.cohort.observations import default_sd, kinds

Floats = NDArray[np.float64]
ROUNDS = 7
NEAR_S = 14.0
ENOUGH = 0.006  # misses in logarithms below which a patient stops: no vital's tolerance is smaller than 0.05
LONGEST = 0.35
GUESSES = 12
LARGEST_ERROR = 0.05  # share of a number: a drawn one is the patient's own, not a reading, so the prior must not bend it by more than patients may miss by
FIBRILLATING_S = 64.0
KEYS = {kind: str(entry["key"]) for kind, entry in kinds().items()}


@dataclass(frozen=True)
class Aim:
    """What one preset's patients are fitted to: kinds of numbers, site, emulator, free fields with their prior."""

    preset: str
    kinds: tuple[str, ...]
    site: str
    emulator: Emulator
    free: Free

    def columns(self) -> list[int]:
        """Where each kind stands among the emulator's numbers."""
        return [SHOWN.index(KEYS[kind]) for kind in self.kinds]


def aim_of(preset: str, patient: Any, fitted: tuple[str, ...], site: str) -> Aim:
    """An aim around a preset."""
    made = emulator(preset, site)
    return Aim(preset, fitted, site, made, free_of(patient, made.names))


@dataclass
class Person:
    """The search for one patient."""

    x: Floats
    wanted: Floats  # logarithms, in the units of `run`
    weight: Floats
    slopes: Floats
    values: Floats | None = None
    best: float = np.inf
    kept: Floats | None = None
    rounds: int = 0
    done: bool = False


@dataclass(frozen=True)
class Calibrated:
    """Patients found, what each shows as it is (empty where nothing is ejected), the misses by kind in the measurement's unit, rounds needed."""

    patients: Any
    means: list[dict[str, float]]
    misses: dict[str, Floats]
    within: NDArray[np.bool_]  # every fitted number within max(5 %, its SD)
    rounds: NDArray[np.int64]


def scale_of(kind: str) -> float:
    """From the unit of `run` to the measurement's."""
    return float(kinds()[kind].get("scale", 1.0))


def begin(aim: Aim, values: Floats) -> Person:
    """The emulator's own answer: Gauss-Newton on the polynomial."""
    scale = np.array([scale_of(kind) for kind in aim.kinds])
    wanted = np.log(np.maximum(values / scale, 1e-6))
    weight = np.array([1.0 / min(default_sd(kind, value) / value, LARGEST_ERROR) for kind, value in zip(aim.kinds, values, strict=True)])
    columns, x = aim.columns(), aim.free.start.copy()
    for _ in range(GUESSES):
        x = step(aim, x, wanted - aim.emulator.numbers(x)[columns], weight, aim.emulator.slopes(x)[columns])
    return Person(x, wanted, weight, aim.emulator.slopes(x)[columns])


def step(aim: Aim, x: Floats, miss: Floats, weight: Floats, slopes: Floats) -> Floats:
    """One Gauss-Newton step with the prior."""
    prior = aim.free.sd**-2.0
    weighted = weight[:, None] * slopes
    pull = weighted.T @ (weight * miss) - prior * (x - aim.free.start)
    move = np.linalg.solve(weighted.T @ weighted + np.diag(prior), pull)
    return aim.free.clip(x + move / max(1.0, float(np.abs(move).max()) / LONGEST))


def learn(aim: Aim, person: Person, values: Floats) -> None:
    """Take in what a look showed: better points are kept, slopes are corrected by what the last step really did, the next point is set."""
    person.rounds += 1
    if not np.isfinite(values).all():
        person.x = aim.free.clip(0.5 * (person.x + (person.kept if person.kept is not None else aim.free.start)))
        return
    miss = person.wanted - values
    cost = float(np.sum((person.weight * miss) ** 2) + np.sum(((person.x - aim.free.start) / aim.free.sd) ** 2))
    if person.kept is not None and person.values is not None:
        moved = person.x - person.kept
        size = float(moved @ moved)
        if size > 1e-10:
            person.slopes = person.slopes + np.outer(values - person.values - person.slopes @ moved, moved) / size
    nearly = abs(cost - person.best) < 0.02 * (1.0 + cost)
    if cost < person.best:
        person.best, person.kept, person.values = cost, person.x, values
    assert person.kept is not None
    assert person.values is not None
    person.done = nearly or float(np.abs(person.wanted - person.values).max()) < ENOUGH
    person.x = step(aim, person.kept, person.wanted - person.values, person.weight, person.slopes)


def numbers(aim: Aim, mean: dict[str, float]) -> Floats:
    """Logarithms of the fitted numbers, NaN where nothing is shown."""
    values = np.array([mean.get(KEYS[kind], np.nan) for kind in aim.kinds])
    return np.log(np.where(values > 0.0, values, np.nan))


def rounds(aim: Aim, base: Any, people: list[Person], states: Floats | None, most: int) -> Floats:
    """Look and correct until each person is done; returns the last settled states."""
    for turn in range(most):
        active = [k for k, person in enumerate(people) if not person.done]
        if not active:
            break
        rows = np.concatenate([aim.free.place(base[k], people[k].x) for k in active])
        shown = show(rows, Look(aim.site, NEAR_S if states is not None else Look().settle_s), None if states is None else states[:, active])
        if states is None:
            states = np.empty((len(shown.states), len(people)))
        states[:, active] = np.where(np.isfinite(shown.states), shown.states, states[:, active] if turn else 0.0)
        for k, mean in zip(active, shown.means, strict=True):
            learn(aim, people[k], numbers(aim, mean))
    for person in people:
        person.x = person.kept if person.kept is not None else person.x
    assert states is not None
    return states


def as_they_are(aim: Aim, rows: Any, states: Floats) -> list[dict[str, float]]:
    """Looks at the patients as they are; fibrillating ones for longer."""
    means: list[dict[str, float]] = [{}] * len(rows)
    uneven = rows.rhythm == Rhythm.ATRIAL_FIBRILLATION
    for group, kept in ((uneven, FIBRILLATING_S), (~uneven, None)):
        chosen = np.flatnonzero(group)
        if len(chosen):
            looked = show(rows[chosen], Look(aim.site, NEAR_S, quiet=False, kept_s=kept), states[:, chosen]).means
            for k, mean in zip(chosen, looked, strict=True):
                means[k] = mean
    return means


def calibrate_many(aim: Aim, base: Any, values: Floats) -> Calibrated:
    """Fit rows of patients to rows of numbers (patients x kinds, in the measurement's units)."""
    people = [begin(aim, row) for row in values]
    states = rounds(aim, base, people, None, ROUNDS)
    rows = np.concatenate([aim.free.place(base[k], person.x) for k, person in enumerate(people)]).view(np.recarray)
    means = as_they_are(aim, rows, states)
    again = np.flatnonzero(rows.rhythm == Rhythm.ATRIAL_FIBRILLATION)
    if len(again):
        for k in again:
            person, real = people[k], numbers(aim, means[k])
            if person.values is not None and np.isfinite(real).all():
                person.wanted = person.wanted - (real - person.values)
                person.x = step(aim, person.x, person.wanted - person.values, person.weight, person.slopes)
                person.best, person.kept, person.done = np.inf, None, False
        states[:, again] = rounds(aim, base[again], [people[k] for k in again], states[:, again], 3)
        rows = np.concatenate([aim.free.place(base[k], person.x) for k, person in enumerate(people)]).view(np.recarray)
        for k, mean in zip(again, as_they_are(aim, rows[again], states[:, again]), strict=True):
            means[k] = mean
    return judged(aim, rows, means, values, people)


def judged(aim: Aim, rows: Any, means: list[dict[str, float]], values: Floats, people: list[Person]) -> Calibrated:
    """Misses in the measurement's unit, and whether every number is within max(5 %, its SD)."""
    misses: dict[str, Floats] = {}
    within = np.ones(len(rows), bool)
    for column, kind in enumerate(aim.kinds):
        shown = np.array([mean.get(KEYS[kind], np.nan) for mean in means]) * scale_of(kind)
        misses[kind] = shown - values[:, column]
        allowed = np.maximum(0.05 * np.abs(values[:, column]), [default_sd(kind, value) for value in values[:, column]])
        within &= np.abs(misses[kind]) <= allowed
    return Calibrated(rows, means, misses, within, np.array([person.rounds for person in people]))
