"""A locked plan run on a trial's data: every planned analysis, and beside it what a reader needs to judge it.

Order: read the plan, read the data without arms, write or check the lock, only then open the arm key. What the plan does not name is computed
for comparison and labelled exploratory. Days, participants; two arms.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from counterpulse import __version__
from counterpulse.refusal import RefusalError
from counterpulse.trial import complier, description, imputation, lock, methods_time, methods_value, multiplicity, subgroups, truncated
from counterpulse.trial.endpoints import MEASURED, check_known
from counterpulse.trial.estimate import Estimate, refused
from counterpulse.trial.participants import TrialData, open_data, open_key
from counterpulse.trial.plan import Estimand, Plan, Planned, open_plan
from counterpulse.trial.populations import Cohort, cohort
from counterpulse.trial.question import Question

METHODS: dict[str, Callable[[Question], Estimate]] = {
    "cox": methods_time.cox_model,
    "log_rank": methods_time.log_rank_test,
    "rmst": methods_time.restricted_mean,
    "gray": methods_time.gray_test,
    "fine_gray": methods_time.fine_gray,
    "win_ratio": methods_time.win_ratio,
    "rate_ratio": methods_time.rate_ratio,
    "risk_difference": methods_value.proportions,
    "risk_ratio": methods_value.proportions,
    "odds_ratio": methods_value.proportions,
    "chi_square": methods_value.table_test,
    "fisher": methods_value.table_test,
    "rule_test": methods_value.table_test,
    "ancova": methods_value.means,
    "t_test": methods_value.means,
    "wilcoxon": methods_value.shift,
}


class Analysis(NamedTuple):
    """Everything that one run of a plan found."""

    plan: Plan
    lock: dict[str, Any]
    data: TrialData
    cohort: Cohort
    estimates: tuple[Estimate, ...]
    side_by_side: tuple[Estimate, ...]
    subgroups: tuple[subgroups.Grouped, ...]
    truncated: tuple[truncated.Truncated, ...]
    tipping: imputation.Tipping | None
    multiplicity: tuple[multiplicity.Adjusted, ...]
    warnings: tuple[str, ...]
    label: str

    @property
    def primary(self) -> Estimate:
        """The primary analysis."""
        return self.estimates[[entry.role for entry in self.plan.analyses].index("primary")]

    def as_dict(self) -> dict[str, Any]:
        """The run as JSON holds it: absent is None."""
        return {
            "plan": {"id": self.plan.id, "version": self.plan.version, "sha256": self.plan.sha256, "label": self.label},
            "estimands": [one._asdict() for one in self.plan.estimands.values()],
            "lock": self.lock,
            "data_sha256": self.data.hashes,
            "arms": {"active": self.cohort.active, "reference": self.cohort.reference},
            "flow": description.flow(self.data, self.cohort, self.plan),
            "follow_up": description.followed(self.cohort),
            "baseline": description.baseline(self.data, self.cohort, self.plan),
            "estimates": [entry.as_dict() for entry in self.estimates],
            "side_by_side": [entry.as_dict() for entry in self.side_by_side],
            "subgroups": [entry.as_dict() for entry in self.subgroups],
            "truncated_by_death": [entry.as_dict() for entry in self.truncated],
            "tipping_point": None if self.tipping is None else self.tipping.as_dict(),
            "multiplicity": [entry.as_dict() for entry in self.multiplicity],
            "safety": description.safety(self.cohort, self.plan),
            "warnings": list(self.warnings),
            "rounding": "JSON is not rounded; tables round effects to two decimals and P to two or, below 0.1, three",
            "version": __version__,
        }


class Way(NamedTuple):
    """Where the arm key and the lock are, and how a run is labelled."""

    key: Path
    lock: Path
    exploratory: bool = False
    rehearse: int | None = None


def analyse(plan_path: Path, folder: Path, way: Way) -> Analysis:
    """Run a plan on a folder of data. Raises RefusalError for a changed plan, data that cannot be, or a primary analysis without an answer."""
    plan = open_plan(plan_path)
    data = open_data(folder)
    for subgroup in plan.subgroups:
        if subgroup.variable not in data.subjects.columns:
            raise RefusalError(f"Subgroup {subgroup.variable}: subjects.parquet has no such column.")
    if way.rehearse is not None:
        held, key, label = {"rehearsal": "the arm key was not opened and no lock was written"}, None, f"rehearsal on made-up arms, seed {way.rehearse}"
    elif way.exploratory:
        held, label = {"exploratory": "run outside the locked plan"}, "exploratory: not the locked plan"
        key = open_key(way.key, _codes(data))
    else:
        held, label = lock.lock(plan, data.hashes, way.lock, __version__), "locked plan"
        key = open_key(way.key, _codes(data))
    if key is None:
        data, key = _made_up(data, plan, way.rehearse or 0)
    return run(plan, data, key, (held, label))


def _codes(data: TrialData) -> list[str]:
    return sorted(data.subjects["arm_code"].unique().to_list())


def _made_up(data: TrialData, plan: Plan, seed: int) -> tuple[TrialData, dict[str, str]]:
    """The data with codes dealt anew, so that a plan can be rehearsed before anybody may know the arms."""
    import polars as pl  # noqa: PLC0415 - only a rehearsal needs it here

    n = data.subjects.height
    codes = np.random.default_rng(seed).permutation(np.arange(n) % 2)
    subjects = data.subjects.with_columns(pl.Series("arm_code", [f"made-up-{code}" for code in codes]))
    return data._replace(subjects=subjects), {"made-up-0": plan.reference_arm, "made-up-1": "made-up active"}


def run(plan: Plan, data: TrialData, key: dict[str, str], held: tuple[dict[str, Any], str]) -> Analysis:
    """Run an opened plan. `held` is the lock and the label of the run."""
    entry, label = held
    group = cohort(data, plan, key)
    estimates = [_answer(group, plan, planned) for planned in plan.analyses]
    if label.startswith("exploratory"):
        estimates = [one._replace(role="exploratory") for one in estimates]
    primary = estimates[[one.role for one in plan.analyses].index("primary")]
    if primary.problem:
        raise RefusalError(f"The primary analysis {primary.id} has no answer: {primary.problem}")
    question = Question(group, plan.primary, plan.estimands[plan.primary.estimand], plan.estimands[plan.primary.estimand].population)
    alpha = 1 - plan.primary.level
    warnings = [*data.warnings, *_sums(data, group), *_told(estimates, plan, set(data.kinds))]
    grouped, lost = _subgroups(question, plan)
    return Analysis(
        plan,
        entry,
        data,
        group,
        tuple(estimates),
        tuple(_side_by_side(question)),
        tuple(grouped),
        tuple(_truncated(group, plan)),
        imputation.tipping_point(question, alpha) if _judged(question.estimand) else None,
        tuple(multiplicity.adjust(estimates, plan.multiplicity, alpha)),
        tuple(warnings + lost),
        label,
    )


def _judged(estimand: Estimand) -> bool:
    return estimand.horizon_d is not None and estimand.summary not in (*MEASURED, "win_ratio", "rate_ratio")


def _answer(group: Cohort, plan: Plan, planned: Planned) -> Estimate:
    estimand = plan.estimands[planned.estimand]
    return ask(Question(group, planned, estimand, estimand.population))


def ask(question: Question) -> Estimate:
    """The answer of one question, or the sentence why there is none."""
    try:
        check_known(question.cohort, question.estimand)
        return METHODS[question.planned.method](question)
    except RefusalError as refusal:
        where = (question.population, question.estimand.endpoint, question.planned.method.replace("_", " "))
        return refused(question.planned.id, question.planned.role, where, str(refusal))


def _side_by_side(question: Question) -> list[Estimate]:
    """The primary analysis again: unadjusted, per protocol, as treated, and the effect in compliers; none of it confirmatory."""
    own = question.planned
    rows = [ask(question._replace(adjust=adjust)) for adjust in (True, False)]
    rows = [rows[0]._replace(id=f"{own.id} (as planned)"), rows[1]._replace(id=f"{own.id} (unadjusted)", role="exploratory")]
    for population in ("per_protocol", "as_treated"):
        if population != question.population:
            rows.append(ask(question._replace(population=population))._replace(id=f"{own.id} ({population.replace('_', ' ')})", role="exploratory"))
    if _judged(question.estimand):
        plain = own._replace(method="risk_difference", id=f"{own.id} (risk difference)", role="exploratory", interval=None)
        rows.append(ask(question._replace(planned=plain)))
        try:
            found = complier.complier_effect(question._replace(population="itt"))
            rows.append(found._replace(id=f"{own.id} (compliers)", role="exploratory"))
        except RefusalError as refusal:
            where = ("itt", question.estimand.endpoint, "risk difference in compliers")
            rows.append(refused(f"{own.id} (compliers)", "exploratory", where, str(refusal)))
    return rows


def _subgroups(question: Question, plan: Plan) -> tuple[list[subgroups.Grouped], list[str]]:
    if question.estimand.summary in (*MEASURED, "win_ratio", "rate_ratio"):
        return [], ["Subgroups are shown for event endpoints only."] if plan.subgroups else []
    made = [subgroups.subgroup(question, entry) for entry in plan.subgroups]
    return made, [f"Subgroup {entry.variable}: {entry.missing} without a value are left out." for entry in made if entry.missing]


def _truncated(group: Cohort, plan: Plan) -> list[truncated.Truncated]:
    made = []
    for planned in plan.analyses:
        estimand = plan.estimands[planned.estimand]
        if estimand.summary in MEASURED and estimand.endpoint in group.subjects.columns:
            found = truncated.truncated_by_death(Question(group, planned, estimand, estimand.population))
            if found is not None and found.endpoint not in [entry.endpoint for entry in made]:
                made.append(found)
    return made


def _sums(data: TrialData, group: Cohort) -> list[str]:
    """What does not add up between the files, in sentences."""
    told = []
    excluded = description.excluded(data)
    if data.screening is not None and excluded is not None:
        rest = data.screening.height - sum(excluded.values())
        if rest != group.subjects.height:
            told.append(f"Screening leaves {rest} participants without a reason for exclusion, but {group.subjects.height} were randomised.")
    outside = group.subjects.filter(group.subjects["per_protocol"] & ~group.subjects["itt"]).height
    if outside:
        told.append(f"{outside} participant(s) are in the per-protocol but not in the intention-to-treat population.")
    return told


def _told(estimates: list[Estimate], plan: Plan, kinds: set[str]) -> list[str]:
    told = [f"{one.id} has no answer: {one.problem}" for one in estimates if one.problem]
    told += [f"{one.id}: {note}" for one in estimates for note in one.notes if "not proportional" in note or "survivors" in note]
    named = {kind for estimand in plan.estimands.values() for kind in estimand.intercurrent}
    told += [f"Intercurrent event {kind!r} of the plan does not occur in the data." for kind in sorted(named - kinds)]
    for estimand in plan.estimands.values():
        fatal = "death" in estimand.kinds or "death" in estimand.intercurrent
        if not fatal and estimand.summary not in ("win_ratio", "rate_ratio"):
            told.append(f"Estimand {estimand.id}: death is neither part of the endpoint nor an intercurrent event with a strategy; it ends follow-up.")
    return told
