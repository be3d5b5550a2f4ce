"""Analyses of yes-or-no at the horizon and of measured values. Each takes a Question and gives an Estimate.

Adjusted means Mantel-Haenszel over the strata for proportions and one intercept per stratum for means. A value that is missing because the
participant died is not imputed here: such an estimate is labelled as one of survivors (see `truncated`).
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterpulse.refusal import RefusalError
from counterpulse.stats import binary, continuous
from counterpulse.trial import imputation, stratified
from counterpulse.trial.endpoints import Times, at_horizon, measured
from counterpulse.trial.estimate import Estimate
from counterpulse.trial.question import Question

Floats = NDArray[np.float64]
POOLED: dict[str, Callable[..., stratified.Pooled]] = {
    "risk_difference": stratified.risk_difference,
    "risk_ratio": stratified.risk_ratio,
    "odds_ratio": stratified.odds_ratio,
}
PLAIN: dict[str, Callable[..., Any]] = {
    "risk_difference": binary.risk_difference,
    "risk_ratio": binary.risk_ratio,
    "odds_ratio": binary.odds_ratio,
}


def counts_of(outcome: Floats, group: NDArray[np.int64]) -> tuple[float, float, float, float]:
    """Events and participants of the active, then of the reference arm, among those with a known outcome."""
    known = np.isfinite(outcome)
    made: list[float] = []
    for arm in (1, 0):
        here = known & (group == arm)
        made += [float(outcome[here].sum()), float(here.sum())]
    return made[0], made[1], made[2], made[3]


def outcome_of(question: Question, rows: Times) -> tuple[Floats, int]:
    """1, 0 or NaN at the horizon after the planned handling of missing ones, and how many were missing."""
    outcome = at_horizon(rows, question.estimand)
    missing = int(np.isnan(outcome).sum())
    if question.planned.missing in ("as_event", "as_no_event"):
        outcome = np.where(np.isnan(outcome), 1.0 if question.planned.missing == "as_event" else 0.0, outcome)
    counts = counts_of(outcome, rows.group)
    if min(counts[1], counts[3]) == 0:
        raise RefusalError(f"{question.estimand.endpoint}: an arm has nobody with a known outcome at day {question.estimand.horizon_d:g}.")
    if counts[0] + counts[2] == 0:
        raise RefusalError(f"{question.estimand.endpoint}: zero events in both arms by day {question.estimand.horizon_d:g}; no effect can be estimated.")
    return outcome, missing


def proportions(question: Question) -> Estimate:
    """Risk difference, risk ratio or odds ratio, active against reference."""
    rows = question.rows()
    outcome, missing = outcome_of(question, rows)
    if question.planned.missing == "multiple_imputation" and missing:
        return imputation.proportions(question, rows, outcome)
    method, words = question.planned.method, question.planned.method.replace("_", " ")
    counts = counts_of(outcome, rows.group)
    strata, columns = question.strata(rows)
    arms = _arms(question, counts)
    notes = (f"{missing} without a known outcome: {question.planned.missing.replace('_', ' ')}",) if missing else ()
    if strata is None:
        options: dict[str, Any] = {"interval": question.planned.interval} if question.planned.interval else {}
        found = PLAIN[method](counts, level=question.planned.level, **options)
        p = found.p if found.p is not None else binary.rule_test(binary.two_by_two(*counts)).p
        numbers = (found.estimate, found.lower, found.upper, p)
        return question.answer(words, numbers, f"{found.method}; {found.made()}", arms=arms, missing=missing, notes=notes)
    known = np.isfinite(outcome)
    pooled = POOLED[method](stratified.cells(outcome[known], rows.group[known], strata[known]), question.planned.level)
    if question.planned.interval:
        notes = (*notes, f"the planned interval {question.planned.interval!r} belongs to the unadjusted estimate; the adjusted one is Wald's")
    return question.answer(words, (*pooled[:3], pooled.p), pooled.method, arms=arms, adjusted_for=columns, missing=missing, notes=notes)


def _arms(question: Question, counts: tuple[float, float, float, float]) -> dict[str, dict[str, float]]:
    x1, n1, x0, n0 = counts
    return {
        question.cohort.active: {"n": n1, "events": x1, "value": x1 / n1},
        question.cohort.reference: {"n": n0, "events": x0, "value": x0 / n0},
    }


def table_test(question: Question) -> Estimate:
    """A test of two proportions: chi-square without correction, Fisher's, or the usual rule between them."""
    rows = question.rows()
    outcome, missing = outcome_of(question, rows)
    counts = counts_of(outcome, rows.group)
    table = binary.two_by_two(*counts)
    tests: dict[str, Callable[[Any], Any]] = {"chi_square": binary.chi_square, "fisher": binary.fisher, "rule_test": binary.rule_test}
    found = tests[question.planned.method](table)
    nothing = math.nan
    note = ("not adjusted for the strata of the randomisation",) if question.adjust else ()
    return question.answer(found.method, (nothing, nothing, nothing, found.p), found.made(), arms=_arms(question, counts), missing=missing, notes=note)


def means(question: Question) -> Estimate:
    """Mean difference, active minus reference: least squares with strata (ancova) or Welch's t."""
    value, group, known, strata, columns = _values(question)
    arms = _described(question, value, group)
    missing, notes = int((~known).sum()), _truncation(question, known)
    if question.planned.method == "t_test" or strata is None:
        found = continuous.t_test(value[known & (group == 1)], value[known & (group == 0)], level=question.planned.level)
        numbers = (found.estimate, found.lower, found.upper, found.p)
        return question.answer("mean difference", numbers, f"{found.method}; {found.made()}", arms=arms, missing=missing, notes=notes)
    pooled = stratified.least_squares(value[known], group[known], strata[known], question.planned.level)
    return question.answer("mean difference", (*pooled[:3], pooled.p), pooled.method, arms=arms, adjusted_for=columns, missing=missing, notes=notes)


def shift(question: Question) -> Estimate:
    """Hodges-Lehmann shift, active minus reference, with Wilcoxon's P."""
    value, group, known, _, _ = _values(question)
    one, zero = value[known & (group == 1)], value[known & (group == 0)]
    found, test = continuous.hodges_lehmann(one, zero, level=question.planned.level), continuous.wilcoxon(one, zero)
    notes = (*_truncation(question, known), "not adjusted for the strata of the randomisation") if question.adjust else _truncation(question, known)
    numbers = (found.estimate, found.lower, found.upper, test.p)
    made = f"Hodges-Lehmann; {found.made()}; Wilcoxon: {test.made()}"
    return question.answer("location shift", numbers, made, arms=_described(question, value, group), missing=int((~known).sum()), notes=notes)


def _values(question: Question) -> tuple[Floats, NDArray[np.int64], NDArray[np.bool_], NDArray[Any] | None, tuple[str, ...]]:
    rows = question.rows()
    value = measured(rows.members, question.estimand.endpoint)
    known = np.isfinite(value)
    for arm in (1, 0):
        if int((known & (rows.group == arm)).sum()) < 2:
            raise RefusalError(f"{question.estimand.endpoint}: fewer than two values in arm {question.cohort.name(arm)}; a mean difference needs two.")
    strata, columns = question.strata(rows)
    return value, rows.group, known, strata, columns


def _described(question: Question, value: Floats, group: NDArray[np.int64]) -> dict[str, dict[str, float]]:
    made = {}
    for arm in (1, 0):
        held = value[np.isfinite(value) & (group == arm)]
        made[question.cohort.name(arm)] = {"n": float(len(held)), "value": float(held.mean()), "sd": float(held.std(ddof=1))}
    return made


def _truncation(question: Question, known: NDArray[np.bool_]) -> tuple[str, ...]:
    members = question.cohort.members(question.population)
    dead = set(question.cohort.events.filter(question.cohort.events["kind"] == "death")["participant"].to_list())
    died = sum(name in dead for name, here in zip(members["participant"].to_list(), known, strict=True) if not here)
    gone = int((~known).sum())
    if not gone:
        return ()
    if died:
        return (f"survivors with a value only: {gone} of {len(known)} have none, {died} of them died; not a comparison of the arms as randomised",)
    return (f"{gone} of {len(known)} have no value and are left out",)
