"""Analyses of times: Cox, log-rank, restricted mean, competing risks, win ratio, rates. Each takes a Question and gives an Estimate.

Adjusted means: Cox and log-rank stratified by the randomisation, Fine-Gray with one indicator per stratum; the others say that they are not.
"""

import math
from typing import Any

import numpy as np

from counterpulse.refusal import RefusalError
from counterpulse.stats import competing, hierarchical, rates
from counterpulse.stats.survival import Survival, cox, cox_zph, log_rank, rmst_difference
from counterpulse.trial.endpoints import Times, first_times, measured
from counterpulse.trial.estimate import Estimate
from counterpulse.trial.question import Question

NON_PROPORTIONAL = 0.05
NOT_ADJUSTED = "not adjusted for the strata of the randomisation: the method has no stratified form here"


def check_events(question: Question, rows: Times) -> None:
    """Refuse a comparison of nothing. Raises RefusalError when nobody has the event or nobody is followed."""
    if not (rows.event == 1).any():
        raise RefusalError(
            f"{question.estimand.endpoint}: none of {len(rows.time)} participants has the event (all censored); no effect can be estimated."
        )
    if not (rows.time > 0).any():
        raise RefusalError(f"{question.estimand.endpoint}: nobody is followed beyond day 0; no effect can be estimated.")


def _survival(question: Question, rows: Times, *, causes: bool = False) -> tuple[Survival, tuple[str, ...]]:
    strata, columns = question.strata(rows)
    event = rows.event if causes else (rows.event == 1).astype(int)
    return Survival(rows.time, event, strata=None if causes else strata), columns


def cox_model(question: Question) -> Estimate:
    """Hazard ratio, active over reference, with the test of proportional hazards in its notes."""
    rows = question.rows()
    check_events(question, rows)
    survival, columns = _survival(question, rows)
    fit = cox(survival, rows.group.astype(float), names=["arm"], ties=question.planned.ties, level=question.planned.level)
    arms, notes = question.arms(rows), list(fit.notes)
    if fit.infinite:
        side = question.cohort.name(0 if rows.events(0) == 0 else 1)
        notes.append(f"no event in arm {side}: the hazard ratio has no finite estimate; P is of the likelihood ratio")
        numbers = (math.nan, math.nan, math.nan, fit.likelihood_ratio[2])
        return question.answer("hazard ratio", numbers, fit.made(), arms=arms, adjusted_for=columns, notes=tuple(notes))
    notes += _proportional(fit, question)
    numbers = (fit.hazard_ratios[0], fit.lower[0], fit.upper[0], fit.p[0])
    return question.answer("hazard ratio", numbers, f"Cox; {fit.made()}", arms=arms, adjusted_for=columns, missing=fit.missing, notes=tuple(notes))


def _proportional(fit: Any, question: Question) -> list[str]:
    try:
        test = cox_zph(fit)
    except RefusalError as refusal:
        return [f"proportional hazards not tested: {refusal}"]
    except np.linalg.LinAlgError:
        return ["proportional hazards not tested: the events fall on too few different days"]
    p = float(test.p[0])
    if p >= NON_PROPORTIONAL:
        return [f"proportional hazards: Schoenfeld score test P = {p:.3f}"]
    told = f"Hazards are not proportional (Schoenfeld score test P = {p:.3g}): the hazard ratio is an average that depends on follow-up; "
    return [f"{told}read the restricted mean of {question.estimand.endpoint} beside it."]


def log_rank_test(question: Question) -> Estimate:
    """Log-rank test; there is no estimate, only P and observed over expected."""
    rows = question.rows()
    check_events(question, rows)
    survival, columns = _survival(question, rows)
    test = log_rank(survival, rows.group)
    arms = question.arms(rows)
    for group, expected in zip(test.groups, test.expected, strict=True):
        arms[question.cohort.name(int(group))]["expected"] = float(expected)
    nothing = math.nan
    return question.answer("log-rank test", (nothing, nothing, nothing, test.p), f"log-rank; {test.made()}", arms=arms, adjusted_for=columns,
                           missing=test.missing)


def restricted_mean(question: Question) -> Estimate:
    """Difference of restricted mean times without the event, active minus reference, in days."""
    rows = question.rows()
    check_events(question, rows)
    if question.estimand.horizon_d is None:
        raise RefusalError(f"Estimand {question.estimand.id}: horizon_d is missing; a restricted mean needs the day up to which it is taken.")
    survival = Survival(rows.time, (rows.event == 1).astype(int))
    found = rmst_difference(survival, rows.group, question.estimand.horizon_d, level=question.planned.level)
    arms = question.arms(rows)
    for group in (1, 0):
        arms[question.cohort.name(group)]["value"] = float(found.arms[str(group)].estimate)
    numbers = (found.estimate, found.lower, found.upper, found.p)
    return question.answer("restricted mean difference (d)", numbers, f"RMST; {found.made()}", arms=arms, missing=found.missing, notes=_plain(question))


def _plain(question: Question) -> tuple[str, ...]:
    return (NOT_ADJUSTED,) if question.adjust else ()


def gray_test(question: Question) -> Estimate:
    """Gray's test of the cumulative incidence; the arms carry their incidence at the horizon."""
    rows = question.rows()
    check_events(question, rows)
    survival, _ = _survival(question, rows, causes=True)
    test = competing.gray(survival, rows.group)
    arms = question.arms(rows)
    for group in (1, 0):
        curve = competing.aalen_johansen(Survival(rows.time[rows.group == group], rows.event[rows.group == group]))
        arms[question.cohort.name(group)]["value"] = float(curve.at(question.estimand.horizon_d or float(rows.time.max()))[0])
        arms[question.cohort.name(group)]["competing"] = float((rows.event[rows.group == group] == 2).sum())
    nothing = math.nan
    return question.answer("cumulative incidence (Gray)", (nothing, nothing, nothing, test.p), f"Gray; {test.made()}", arms=arms, notes=_plain(question))


def fine_gray(question: Question) -> Estimate:
    """Subdistribution hazard ratio, active over reference."""
    rows = question.rows()
    check_events(question, rows)
    survival, _ = _survival(question, rows, causes=True)
    strata, columns = question.strata(rows)
    x = rows.group.astype(float)[:, None]
    if strata is not None:
        names = sorted(set(strata.tolist()))[1:]
        x = np.column_stack([x, *(np.asarray(strata == name, dtype=float) for name in names)])
    fit = competing.fine_gray(survival, x, level=question.planned.level)
    numbers = (fit.hazard_ratios[0], fit.lower[0], fit.upper[0], fit.p[0])
    arms = question.arms(rows)
    for group in (1, 0):
        arms[question.cohort.name(group)]["competing"] = float((rows.event[rows.group == group] == 2).sum())
    return question.answer("subdistribution hazard ratio", numbers, f"Fine-Gray; {fit.made()}", arms=arms, adjusted_for=columns, missing=fit.missing)


def win_ratio(question: Question) -> Estimate:
    """Win ratio over the estimand's endpoints in their order; a column instead of an event kind is compared as a value."""
    members = question.cohort.members(question.population)
    group = members["group"].to_numpy()
    horizon = question.estimand.horizon_d or math.inf
    last = np.minimum(members["last_contact_d"].to_numpy().astype(float), horizon)
    levels: list[Any] = []
    for kind in question.estimand.kinds:
        if kind in members.columns:
            levels.append(hierarchical.ValueLevel(measured(members, kind), question.estimand.higher_is_better, name=kind))
            continue
        first = first_times(question.cohort, members, (kind,))
        levels.append(hierarchical.TimeLevel(np.minimum(first, last), (first <= horizon).astype(float), name=kind))
    found = hierarchical.win_ratio(levels, group, level=question.planned.level)
    arms = {question.cohort.name(g): {"n": float((group == g).sum()), "wins": float(found.wins if g else found.losses)} for g in (1, 0)}
    notes = (*_plain(question), f"{found.wins} wins, {found.losses} losses, {found.ties_left} ties of pairs")
    return question.answer("win ratio", (found.win_ratio, found.lower, found.upper, found.p), f"win ratio; {found.made()}", arms=arms, notes=notes)


def rate_ratio(question: Question) -> Estimate:
    """Ratio of event rates per person-time; every event of the kinds counts, not only the first."""
    rows = question.rows()
    kinds = list(question.estimand.kinds)
    horizon = question.estimand.horizon_d or math.inf
    held: dict[int, tuple[int, float]] = {}
    last = np.minimum(rows.members["last_contact_d"].to_numpy().astype(float), horizon)
    for group in (1, 0):
        names = rows.members["participant"].to_numpy()[rows.group == group].tolist()
        events = question.cohort.events
        chosen = events.filter(events["kind"].is_in(kinds) & events["participant"].is_in(names) & (events["at_d"] <= horizon))
        held[group] = (chosen.height, float(last[rows.group == group].sum()))
    found = rates.rate_ratio((*held[1], *held[0]), level=question.planned.level)
    arms = {question.cohort.name(g): {"n": float(rows.size(g)), "events": float(held[g][0]), "person_days": held[g][1]} for g in (1, 0)}
    numbers = (found.estimate, found.lower, found.upper, math.nan if found.p is None else found.p)
    return question.answer("rate ratio", numbers, f"rates; {found.made()}", arms=arms, notes=_plain(question))
