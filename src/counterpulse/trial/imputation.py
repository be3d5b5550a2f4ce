"""Missing outcomes: multiple imputation at the horizon, and the tipping point at which a conclusion would turn.

Imputation draws each arm's (and stratum's) risk from its Beta posterior under a flat prior, then the outcomes; 50 sets, Rubin's rules. It
assumes that those lost resemble those seen in the same arm and stratum. The tipping point needs no such assumption: it goes through every
number of events among those lost in each arm. Counts are participants.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpulse.stats import binary
from counterpulse.stats.distributions import t_quantile, t_tail
from counterpulse.trial import stratified
from counterpulse.trial.endpoints import Times, at_horizon
from counterpulse.trial.estimate import Estimate
from counterpulse.trial.question import Question

SETS = 50
TRIED = 41  # numbers of events tried per arm; all of them up to 40 lost, evenly spaced ones beyond
Floats = NDArray[np.float64]


def impute(outcome: Floats, group: NDArray[np.int64], strata: NDArray[Any] | None, generator: np.random.Generator) -> Floats:
    """One completed set of outcomes."""
    full = outcome.copy()
    cells = strata if strata is not None else np.zeros(len(outcome), dtype=int)
    for arm in (1, 0):
        for name in sorted(set(cells.tolist())):
            here = (group == arm) & (cells == name)
            lost = here & np.isnan(outcome)
            if lost.any():
                seen = outcome[here & np.isfinite(outcome)]
                risk = generator.beta(1 + seen.sum(), 1 + len(seen) - seen.sum())
                full[lost] = generator.random(int(lost.sum())) < risk
    return full


def proportions(question: Question, rows: Times, outcome: Floats) -> Estimate:
    """A proportion's effect by multiple imputation and Rubin's rules (Barnard-Rubin degrees of freedom are not used; large-sample ones are)."""
    method = question.planned.method
    strata, columns = question.strata(rows)
    generator = np.random.default_rng(question.planned.seed)
    cells = strata if strata is not None else np.zeros(len(outcome), dtype=int)
    pool = {"risk_difference": stratified.risk_difference, "risk_ratio": stratified.risk_ratio, "odds_ratio": stratified.odds_ratio}[method]
    logs = method != "risk_difference"
    values, variances, events = [], [], np.zeros(2)
    for _ in range(SETS):
        full = impute(outcome, rows.group, strata, generator)
        one = pool(stratified.cells(full, rows.group, cells), question.planned.level)
        values.append(math.log(one.estimate) if logs else one.estimate)
        variances.append(one.std_err**2)
        events += [full[rows.group == arm].sum() / SETS for arm in (1, 0)]
    numbers = _rubin(np.array(values), np.array(variances), question.planned.level, logs)
    arms = {question.cohort.name(arm): {"n": float(rows.size(arm)), "events": float(events[1 - arm])} for arm in (1, 0)}
    made = f"multiple imputation, {SETS} sets, seed {question.planned.seed}, Beta draws within arm{' and stratum' if strata is not None else ''}; Rubin's rules"
    missing = int(np.isnan(outcome).sum())
    note = f"{missing} outcomes imputed; events are means over the sets"
    return question.answer(method.replace("_", " "), numbers, made, arms=arms, adjusted_for=columns, missing=missing, notes=(note,))


def _rubin(values: Floats, variances: Floats, level: float, logs: bool) -> tuple[float, float, float, float]:
    within, between = float(variances.mean()), float(values.var(ddof=1))
    total = within + (1 + 1 / len(values)) * between
    df = (len(values) - 1) * (1 + within / ((1 + 1 / len(values)) * between)) ** 2 if between > 0 else 1e9
    middle, half = float(values.mean()), t_quantile(0.5 + level / 2, df) * math.sqrt(total)
    p = t_tail(middle / math.sqrt(total), df)
    turn = math.exp if logs else float
    return turn(middle), turn(middle - half), turn(middle + half), p


class Tipping(NamedTuple):
    """P over the numbers of events among those lost in each arm; `p` has the shape (active, reference) of these numbers."""

    lost_active: int
    lost_reference: int
    active: tuple[int, ...]
    reference: tuple[int, ...]
    p: Floats
    observed: float
    turns: int
    sentence: str

    def as_dict(self) -> dict[str, Any]:
        """The grid as JSON holds it."""
        return {
            "lost_active": self.lost_active,
            "lost_reference": self.lost_reference,
            "events_active": list(self.active),
            "events_reference": list(self.reference),
            "p": self.p.tolist(),
            "p_observed": self.observed,
            "turning_points": self.turns,
            "sentence": self.sentence,
        }


def tipping_point(question: Question, alpha: float) -> Tipping | None:
    """Go through every outcome of those lost; None when nobody is. P of chi-square without correction on all participants."""
    rows = question.rows()
    outcome = at_horizon(rows, question.estimand)
    lost = [int((np.isnan(outcome) & (rows.group == arm)).sum()) for arm in (1, 0)]
    if not sum(lost):
        return None
    seen = [outcome[np.isfinite(outcome) & (rows.group == arm)] for arm in (1, 0)]
    tried = [tuple(sorted({round(float(x)) for x in np.linspace(0, n, min(n + 1, TRIED))})) for n in lost]
    known = [float(part.sum()) for part in seen]
    p = np.array([[_p((known[0] + i, rows.size(1)), (known[1] + j, rows.size(0))) for j in tried[1]] for i in tried[0]])
    observed = _p((seen[0].sum(), len(seen[0])), (seen[1].sum(), len(seen[1])))
    turns = int(((p < alpha) != (observed < alpha)).sum())
    if turns:
        sentence = f"The conclusion turns in {turns} of the {p.size} ways tried in which the {sum(lost)} lost participants may have ended."
    else:
        sentence = f"None of the {p.size} ways tried in which the {sum(lost)} lost participants may have ended turns the conclusion."
    sentence += f" P ranges from {p.min():.3f} to {p.max():.3f} (complete cases {observed:.3f})."
    return Tipping(lost[0], lost[1], tried[0], tried[1], p, observed, turns, sentence)


def _p(one: tuple[float, int], zero: tuple[float, int]) -> float:
    total = one[0] + zero[0]
    if total in (0, one[1] + zero[1]):
        return 1.0
    return float(binary.chi_square(binary.two_by_two(one[0], one[1], zero[0], zero[1])).p)
