"""Draws patients as a table describes them: a Gaussian copula over its marginals, what is impossible refused and counted. Runs no simulation.

Draws are a Sobol sequence scrambled by the seed (Owen 1998 ACM TOMACS 8:71): each by itself is a draw from the copula, all together fill it evenly. What the
screen refuses leaves holes in that, so of every few draws that pass the one is taken whose quarters of the table's marginals are the emptiest: a thousand
patients' quartiles then stray from the table's much less than by chance. They are therefore not independent of each other: who studies chance (a virtual
trial) chooses at random among more. Who is taken depends on seed and numbers alone, so that any chunking gives the same patients. What the screen refuses
would bend the marginals; so the copula is tuned once, on draws of its own, until the patients who pass reproduce the table's quartiles and stated correlations.
"""

import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri
from scipy.stats import qmc

from counterpulse.body.valves import DENSITY
from counterpulse.cohort.table import Bent, Table, bent, table
from counterpulse.kernel import kernel
from counterpulse.noise import uniform

Floats = NDArray[np.float64]
_STREAM = 900
TUNING_SEED, TUNING_DRAWS, TUNING_ROUNDS = 20251121, 8_192, 24
FIBRILLATING = 0.5  # of those with a history (assumed, stated in the table)
HEIGHT_CM = {True: (174.0, 7.0), False: (161.0, 6.5)}  # mean and SD, men and women (assumed, stated in the table)
# Functional mitral regurgitation of 1,256 dilated failing hearts: none in 27 %, an orifice up to 0.2 cm2 in 49 %, beyond it in 24 % (Rossi 2011 Heart 97:1675,
# summary page); even between these marks, and 0.4 at the most (assumed: severe by Zoghbi 2017). Stated in the table.
LEAK_SHARES, LEAK_CM2 = (0.0, 0.27, 0.76, 1.0), (0.0, 0.0, 0.2, 0.4)
LEAKING_S = 0.3  # of a beat the left ventricle's pressure stands over the atrium's (assumed)
EJECTION_SHARE = 0.9  # mean pressure of ejection over systolic pressure (assumed)
LEAST_EIGENVALUE = 1e-6
CHOICES = 4  # draws that pass for each patient: a balanced sample (minimisation: Pocock and Simon 1975 Biometrics 31:103, for marginals instead of arms)
NUMBER = "number"


@kernel
def fill_uniforms(seed: int, first: int, out: Any) -> None:
    """Counted uniforms, independent of each other: rows are draws from number `first` on, columns streams."""
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = uniform(seed, _STREAM + j, first + i)


class Even:
    """A scrambled Sobol sequence that remembers where it is: reading on costs nothing, going back begins anew."""

    def __init__(self, seed: int, columns: int) -> None:
        """The sequence of a seed in so many dimensions."""
        self.sequence = qmc.Sobol(columns, scramble=True, rng=seed)

    def uniforms(self, first: int, count: int) -> Floats:
        """Draws `first` to `first + count`, strictly between 0 and 1."""
        if first < self.sequence.num_generated:
            self.sequence.reset()
        if first > self.sequence.num_generated:
            self.sequence.fast_forward(first - self.sequence.num_generated)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The balance properties of Sobol", UserWarning)  # who passes the screen is no power of two anyway
            return np.asarray(self.sequence.random(count), np.float64) + 2.0**-32


@cache
def even(seed: int, columns: int) -> Even:
    """The sequence of a seed, kept where it was left."""
    return Even(seed, columns)


@dataclass(frozen=True)
class Copula:
    """Marginals by name, shares by name, and the Cholesky factor of the correlations between their scores (continuous ones first)."""

    marginals: dict[str, Bent]
    shares: dict[str, float]
    root: Floats

    @property
    def names(self) -> tuple[str, ...]:
        """Columns of the scores."""
        return (*self.marginals, *self.shares)

    def draw(self, seed: int, first: int, count: int) -> dict[str, Floats]:
        """Numbers of draws `first` to `first + count`; yes-or-no rows as 0 and 1."""
        return self.at(even(seed, len(self.names)).uniforms(first, count))

    def draw_independent(self, seed: int, first: int, count: int) -> dict[str, Floats]:
        """The same with draws that know nothing of each other."""
        uniforms = np.empty((count, len(self.names)))
        fill_uniforms(seed, first, uniforms)
        return self.at(uniforms)

    def at(self, uniforms: Floats) -> dict[str, Floats]:
        """Numbers of rows of uniforms."""
        scores = np.einsum("ij,kj->ik", ndtri(uniforms), self.root)  # not BLAS: its sums depend on the number of rows
        drawn = {name: marginal.at(scores[:, k]) for k, (name, marginal) in enumerate(self.marginals.items())}
        start = len(self.marginals)
        return drawn | {name: (scores[:, start + k] > ndtri(1.0 - share)).astype(float) for k, (name, share) in enumerate(self.shares.items())}


@dataclass(frozen=True)
class Drawn:
    """Patients who passed, by column; the number of each; and how many draws were refused for what."""

    columns: dict[str, Floats]
    numbers: NDArray[np.int64]
    refused: dict[str, int]
    draws: int


def completed(drawn: dict[str, Floats]) -> dict[str, Floats]:
    """What follows from the drawn numbers: body, mean pressures, rhythm; the index and resistance only for the screen."""
    full = dict(drawn)
    man = drawn["male"] > 0.5
    full["height_cm"] = np.where(man, HEIGHT_CM[True][0], HEIGHT_CM[False][0]) + drawn["height_score"] * np.where(man, HEIGHT_CM[True][1], HEIGHT_CM[False][1])
    full["weight_kg"] = drawn["bmi_kg_m2"] * (full["height_cm"] / 100.0) ** 2
    full["map_mmHg"] = drawn["dbp_mmHg"] + drawn["map_share"] * (drawn["sbp_mmHg"] - drawn["dbp_mmHg"])
    full["mpap_mmHg"] = drawn["pcwp_mmHg"] + drawn["gradient_mmHg"]
    full["fibrillating"] = drawn["atrial_fibrillation_history"] * (drawn["fibrillating_score"] > ndtri(1.0 - FIBRILLATING))
    return full


def surface_m2(full: dict[str, Floats]) -> Floats:
    """Body surface (Mosteller 1987)."""
    return np.sqrt(np.maximum(full["height_cm"] * full["weight_kg"], 1.0) / 3600.0)


def stroke_mL(full: dict[str, Floats]) -> Floats:
    """What the left ventricle ejects, forward and back, by EF and end-diastolic volume."""
    return full["lvef_pct"] / 100.0 * full["lvedv_mL"]


def leak_mL_cm2(full: dict[str, Floats]) -> Floats:
    """Blood that falls back in a beat through each cm2 of mitral orifice (Bernoulli, typical pressures)."""
    over = np.maximum(EJECTION_SHARE * full["sbp_mmHg"] - full["pcwp_mmHg"], 5.0)
    return np.sqrt(2.0 * over / DENSITY) * LEAKING_S


def leaks(full: dict[str, Floats], rules: Table) -> Floats:
    """Mitral orifice, cm2: drawn from the published shares among those that leave the heart the least forward flow that the screen lets pass."""
    screen = rules.document["screen"]
    pulse = full["sbp_mmHg"] - full["dbp_mmHg"]
    need = np.maximum(screen["index_L_min_m2"][0] * surface_m2(full) * 1000.0 / full["hr_per_min"], screen["stroke_per_pulse_mL_mmHg"][0] * pulse)
    most = np.maximum(stroke_mL(full) - need, 0.0) / leak_mL_cm2(full)
    return np.interp(ndtr(full["leak_score"]) * np.interp(most, LEAK_CM2[1:], LEAK_SHARES[1:]), LEAK_SHARES, LEAK_CM2)


def screened(full: dict[str, Floats], rules: Table) -> dict[str, NDArray[np.bool_]]:
    """For every reason which draws it refuses."""
    forward = stroke_mL(full) - full["mitral_leak_cm2"] * leak_mL_cm2(full)
    output = forward * full["hr_per_min"] / 1000.0
    shown = full | {
        "pulse_pressure_mmHg": full["sbp_mmHg"] - full["dbp_mmHg"],
        "perfusion_mmHg": full["map_mmHg"] - full["cvp_mmHg"],
        "stroke_per_pulse_mL_mmHg": forward / np.maximum(full["sbp_mmHg"] - full["dbp_mmHg"], 1e-6),
        "index_L_min_m2": output / surface_m2(full),
        "resistance_mmHg_s_mL": (full["map_mmHg"] - full["cvp_mmHg"]) / np.maximum(output * 1000.0 / 60.0, 1e-6),
        "wedge_less_venous_mmHg": full["pcwp_mmHg"] - full["cvp_mmHg"],
        "mean_pa_mmHg": full["mpap_mmHg"],
    }
    return {name: ~((shown[name] >= low) & (shown[name] <= high)) for name, (low, high) in rules.document["screen"].items()}


def passing(drawn: dict[str, Floats], rules: Table) -> tuple[dict[str, Floats], NDArray[np.int64], list[str]]:
    """All numbers of some draws, the index of the first reason that refuses each (-1: it passes), and the reasons."""
    full = completed(drawn)
    full["mitral_leak_cm2"] = leaks(full, rules)
    tests = screened(full, rules)
    why = np.full(len(full["male"]), -1)
    for k, bad in enumerate(tests.values()):
        why[(why < 0) & bad] = k
    return full, why, list(tests)


def scores_of(values: Floats) -> Floats:
    """Normal scores of ranks, for correlations that do not depend on the marginals."""
    ranks = np.argsort(np.argsort(values, kind="stable"), kind="stable")
    return ndtri((ranks + 0.5) / len(values))


def nearest_root(correlation: Floats) -> Any:
    """Cholesky factor of the nearest matrix that is a correlation."""
    values, vectors = np.linalg.eigh(correlation)
    fixed = (vectors * np.maximum(values, LEAST_EIGENVALUE)) @ vectors.T
    scale = np.sqrt(np.diag(fixed))
    return np.linalg.cholesky(fixed / np.outer(scale, scale))


@cache
def tuned(name: str) -> Copula:
    """The copula whose patients, screen passed, reproduce the table's quartiles and stated correlations."""
    rules = table(name)
    aims = {key: quartiles for key, (quartiles, _, _) in rules.drawn().items()}
    limits = {key: pair for key, (_, *pair) in rules.drawn().items()}
    shares, stated = rules.shares(), rules.correlations()
    columns = (*aims, *shares)
    used, used_shares, used_r = dict(aims), dict(shares), dict(stated)
    copula = _copula(used, used_shares, used_r, limits)
    for _ in range(TUNING_ROUNDS):
        full, why, _ = passing(copula.draw_independent(TUNING_SEED, 0, TUNING_DRAWS), rules)
        left = why < 0
        for key, aim in aims.items():
            spread = aim[2] - aim[0]
            moved = used[key] + np.clip(aim - np.quantile(full[key][left], (0.25, 0.5, 0.75)), -0.2 * spread, 0.2 * spread)
            used[key] = moved if moved[0] < moved[1] < moved[2] else used[key]
        used_shares = {key: float(np.clip(used_shares[key] + shares[key] - full[key][left].mean(), 0.01, 0.99)) for key in shares}
        for pair, r in stated.items():
            if all(one in aims for one in pair):
                seen = float(np.mean(scores_of(full[pair[0]][left]) * scores_of(full[pair[1]][left])))
                used_r[pair] = float(np.clip(used_r[pair] + r - seen, -0.97, 0.97))
        copula = _copula(used, used_shares, used_r, limits)
    assert set(copula.names) == set(columns)
    return copula


def _copula(quartiles: dict[str, Floats], shares: dict[str, float], correlations: dict[tuple[str, str], float], limits: dict[str, Any]) -> Copula:
    names = (*quartiles, *shares)
    matrix = np.eye(len(names))
    for (a, b), r in correlations.items():
        i, j = names.index(a), names.index(b)
        matrix[i, j] = matrix[j, i] = r
    return Copula({name: bent(values, *limits[name]) for name, values in quartiles.items()}, dict(shares), nearest_root(matrix))


def draw(name: str, count: int, seed: int, batch: int = 16_384) -> Drawn:
    """The first `count` patients of a seed, in order of their numbers: of every `CHOICES` draws that pass the one that the cohort lacks most."""
    rules, copula, balance = table(name), tuned(name), Balance(table(name))
    parts: list[dict[str, Floats]] = []
    refused: dict[str, int] = {}
    left: dict[str, Floats] = {}
    have = at = 0
    while have < count:
        full, why, reasons = passing(copula.draw(seed, at, batch), rules)
        found = np.flatnonzero(why < 0)
        passed = {key: values[found] for key, values in full.items()} | {NUMBER: (found + at).astype(np.float64)}
        passed = {key: np.concatenate([left[key], values]) if left else values for key, values in passed.items()}
        cells = balance.cells(passed)
        groups = min(len(cells) // CHOICES, count - have)
        chosen = [CHOICES * k + balance.choose(cells[CHOICES * k : CHOICES * (k + 1)]) for k in range(groups)]
        have += groups
        # what lies behind the draw that completes the cohort is not counted
        seen = batch if have < count else int(passed[NUMBER][CHOICES * groups - 1]) + 1 - at
        for k, reason in enumerate(reasons):
            refused[reason] = refused.get(reason, 0) + int((why[:seen] == k).sum())
        parts.append({key: values[chosen] for key, values in passed.items()})
        left = {key: values[CHOICES * groups :] for key, values in passed.items()}
        at += seen
    columns = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    numbers = columns.pop(NUMBER).astype(np.int64)
    return Drawn(columns, numbers, {key: many for key, many in refused.items() if many}, at)


class Balance:
    """Which quarters of the table's marginals have too many patients so far, and who of several would mend that best.

    Where a correlation is stated, being on the same side of both medians counts as a marginal too.
    """

    def __init__(self, rules: Table) -> None:
        """Nobody chosen yet."""
        self.edges = {name: quartiles for name, (quartiles, _, _) in rules.drawn().items()}
        self.flags = rules.shares()
        self.pairs = {pair: 0.5 + np.arcsin(r) / np.pi for pair, r in rules.correlations().items() if all(one in self.edges for one in pair)}
        shares = [*self.flags.values(), *self.pairs.values()]
        self.share = np.array([[0.25] * 4] * len(self.edges) + [[1.0 - share, share, 1.0, 1.0] for share in shares])
        self.over = np.zeros_like(self.share)  # patients beyond their share, over that share
        self.every = np.arange(len(self.share))

    def cells(self, full: dict[str, Floats]) -> NDArray[np.int64]:
        """The quarter (or no and yes, or other and same side) that each draw falls into: draws x marginals."""
        quarters = {name: np.searchsorted(edges, full[name]) for name, edges in self.edges.items()}
        sides = [((quarters[a] > 1) == (quarters[b] > 1)).astype(np.int64) for a, b in self.pairs]
        return np.column_stack([*quarters.values(), *(full[name].astype(np.int64) for name in self.flags), *sides])

    def choose(self, cells: NDArray[np.int64]) -> int:
        """The one of some draws whose quarters are the emptiest; it is counted."""
        chosen = int(np.argmin(self.over[self.every, cells].sum(axis=1)))
        self.over -= 1.0
        self.over[self.every, cells[chosen]] += 1.0 / self.share[self.every, cells[chosen]]
        return chosen
