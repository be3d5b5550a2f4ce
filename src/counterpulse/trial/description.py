"""What a report shows before any effect: the flow of participants (CONSORT 2025), the baseline table, safety, and how long people were followed.

Baseline rows carry no P: arms of a randomised trial differ by chance only. Numbers are participants, events, or the unit in a column's name.
"""

from typing import Any

import numpy as np
import polars as pl

from counterpulse.stats import continuous
from counterpulse.stats.survival import Survival, follow_up
from counterpulse.trial.participants import TrialData
from counterpulse.trial.plan import Plan
from counterpulse.trial.populations import Cohort

LEVELS_SHOWN = 8


def flow(data: TrialData, cohort: Cohort, plan: Plan) -> dict[str, Any]:
    """Counts for the flow diagram; what the data do not hold is None."""
    estimand = plan.estimands[plan.primary.estimand]
    horizon = estimand.horizon_d
    arms = {}
    for arm in (cohort.active, cohort.reference):
        own = cohort.subjects.filter(pl.col("arm") == arm)
        dead = cohort.events.filter(pl.col("kind").is_in(["death", *estimand.kinds]))["participant"].to_list()
        early = 0 if horizon is None else own.filter((pl.col("last_contact_d") < horizon) & ~pl.col("participant").is_in(dead)).height
        arms[arm] = {
            "randomised": own.height,
            "received_assigned": own.filter(pl.col("treated") == arm).height,
            "received_other": own.filter(pl.col("treated") != arm).height,
            "lost_before_horizon": early,
            "analysed_itt": own.filter(pl.col("itt")).height,
            "analysed_per_protocol": own.filter(pl.col("per_protocol")).height,
            "analysed_safety": own.filter(pl.col("safety")).height,
        }
    return {"screened": _screened(data), "excluded": excluded(data), "randomised": cohort.subjects.height, "arms": arms, "horizon_d": horizon}


def _screened(data: TrialData) -> int | None:
    return None if data.screening is None else data.screening.height


def excluded(data: TrialData) -> dict[str, int] | None:
    """Participants screened but not enrolled by reason, most frequent first; None when screening is not recorded."""
    if data.screening is None or "reason" not in data.screening.columns:
        return None
    held = data.screening.filter(pl.col("reason").is_not_null()).group_by("reason").len().sort("len", "reason", descending=[True, False])
    return dict(zip(held["reason"].to_list(), held["len"].to_list(), strict=True))


def baseline(data: TrialData, cohort: Cohort, plan: Plan) -> list[dict[str, Any]]:
    """Rows of the baseline table in the order of the columns, endpoints of the plan left out: medians of numbers, counts of words and yes or no."""
    rows: list[dict[str, Any]] = []
    endpoints = {name for estimand in plan.estimands.values() for name in (estimand.endpoint, *estimand.kinds)}
    for name in data.baseline:
        if name == "treated_arm" or name in endpoints:
            continue
        column = cohort.subjects[name]
        if column.dtype.is_numeric() and set(column.drop_nulls().unique().to_list()) <= {0, 1} and column.null_count() < len(column):
            rows.append({"variable": name, "level": None, "kind": "count", **_counts(cohort, name, value=1)})
        elif column.dtype == pl.Boolean:
            rows.append({"variable": name, "level": None, "kind": "count", **_counts(cohort, name, value=True)})
        elif column.dtype.is_numeric():
            rows.append({"variable": name, "level": None, "kind": "median", **_medians(cohort, name)})
        elif column.dtype == pl.String and column.n_unique() <= LEVELS_SHOWN:
            levels = sorted(column.drop_nulls().unique().to_list())
            rows += [{"variable": name, "level": level, "kind": "count", **_counts(cohort, name, value=level)} for level in levels]
    return rows


def _counts(cohort: Cohort, name: str, *, value: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"arms": {}}
    for arm in (cohort.reference, cohort.active):
        own = cohort.subjects.filter(pl.col("arm") == arm)[name]
        known = own.drop_nulls()
        made["arms"][arm] = {"x": int((known == value).sum()), "n": len(known), "missing": own.null_count()}
    return made


def _medians(cohort: Cohort, name: str) -> dict[str, Any]:
    made: dict[str, Any] = {"arms": {}}
    for arm in (cohort.reference, cohort.active):
        own = cohort.subjects.filter(pl.col("arm") == arm)[name]
        values = own.cast(pl.Float64).drop_nulls().to_numpy()
        told = continuous.describe(values) if len(values) else {"median": None, "q1": None, "q3": None}
        made["arms"][arm] = {"median": told["median"], "q1": told["q1"], "q3": told["q3"], "n": len(values), "missing": own.null_count()}
    return made


def safety(cohort: Cohort, plan: Plan) -> list[dict[str, Any]]:
    """Events by kind in the safety population: participants with at least one, events, and those of grade 3 or more where graded."""
    members = cohort.members("safety")
    rows = []
    for kind in sorted(set(cohort.events["kind"].to_list()) - {plan.crossover}):
        row: dict[str, Any] = {"kind": kind, "arms": {}}
        for group in (0, 1):
            own = members.filter(pl.col("group") == group)
            held = cohort.events.filter((pl.col("kind") == kind) & pl.col("participant").is_in(own["participant"].to_list()))
            severe = held.filter(pl.col("grade") >= 3).height if "grade" in held.columns and held["grade"].dtype.is_numeric() else None
            row["arms"][cohort.name(group)] = {"n": own.height, "participants": held["participant"].n_unique(), "events": held.height, "grade_3_up": severe}
        rows.append(row)
    return rows


def followed(cohort: Cohort) -> dict[str, Any]:
    """Median follow-up by the reverse Kaplan-Meier method, in days."""
    dead = cohort.events.filter(pl.col("kind") == "death")["participant"].to_list()
    event = cohort.subjects["participant"].is_in(dead).to_numpy().astype(int)
    found = follow_up(Survival(cohort.subjects["last_contact_d"].to_numpy().astype(float), event))
    median = float(found.median)
    return {"median_d": median if np.isfinite(median) else None, "made": found.made()}
