"""An estimand's endpoint as numbers: times with what ended them, yes or no at the horizon, or a measured value.

Intercurrent events follow ICH E9(R1): treatment_policy ignores, composite counts, hypothetical and while_on_treatment censor, competing ends
follow-up as its own kind, success keeps the participant free of the event to the horizon. Days from randomisation.
"""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from counterpulse.refusal import RefusalError
from counterpulse.trial.plan import Estimand
from counterpulse.trial.populations import Cohort

Floats = NDArray[np.float64]
MEASURED = ("mean_difference", "location_shift")
NEVER = np.inf


class Times(NamedTuple):
    """Rows of one population: arm (1 active), follow-up in days, what ended it (0 censored, 1 the event, 2 a competing one)."""

    members: pl.DataFrame
    group: NDArray[np.int64]
    time: Floats
    event: NDArray[np.int64]

    def events(self, group: int) -> int:
        """Participants of an arm with the event."""
        return int((self.event[self.group == group] == 1).sum())

    def size(self, group: int) -> int:
        """Participants of an arm."""
        return int((self.group == group).sum())


def first_times(cohort: Cohort, members: pl.DataFrame, kinds: tuple[str, ...]) -> Floats:
    """Day of the first event of any of these kinds for each member; infinite for none."""
    found = cohort.events.filter(pl.col("kind").is_in(list(kinds))).group_by("participant").agg(pl.col("at_d").min().alias("first_d"))
    joined = members.select("participant").join(found, on="participant", how="left", maintain_order="left")
    return joined["first_d"].cast(pl.Float64).fill_null(NEVER).to_numpy().astype(float)


def check_known(cohort: Cohort, estimand: Estimand) -> None:
    """Refuse an endpoint or intercurrent event that the data do not know. Raises RefusalError."""
    kinds = set(cohort.events["kind"].to_list())
    if estimand.summary in MEASURED:
        if estimand.endpoint not in cohort.subjects.columns:
            raise RefusalError(f"Estimand {estimand.id}: the endpoint {estimand.endpoint!r} is no column of subjects.parquet.")
        return
    values = set(cohort.subjects.columns) if estimand.summary == "win_ratio" else set()
    for kind in estimand.kinds:
        if kind not in kinds | values:
            raise RefusalError(
                f"Estimand {estimand.id}: no event of kind {kind!r} occurs (zero events); events.parquet holds {', '.join(sorted(kinds)) or 'none'}."
            )


def times(cohort: Cohort, estimand: Estimand, population: str) -> Times:
    """Follow-up and events of a population under the estimand's strategies."""
    members = cohort.members(population)
    horizon = estimand.horizon_d if estimand.horizon_d is not None else NEVER
    counted = estimand.kinds + tuple(kind for kind, how in estimand.intercurrent.items() if how == "composite")
    first = first_times(cohort, members, counted)
    time = np.minimum(members["last_contact_d"].to_numpy().astype(float), horizon)
    event = np.where(first <= horizon, 1, 0)
    time = np.where(event == 1, first, time)
    for kind, how in estimand.intercurrent.items():
        at = first_times(cohort, members, (kind,))
        ends = at < np.where(event == 1, first, np.nextafter(time, np.inf))
        if how in ("hypothetical", "while_on_treatment"):
            time, event = np.where(ends, at, time), np.where(ends, 0, event)
        elif how == "competing":
            time, event = np.where(ends, at, time), np.where(ends, 2, event)
        elif how == "success":
            reach = horizon if np.isfinite(horizon) else float(members["last_contact_d"].cast(pl.Float64).max() or 0)  # pyright: ignore[reportArgumentType]
            time, event = np.where(ends, reach, time), np.where(ends, 0, event)
    return Times(members, members["group"].to_numpy().astype(np.int64), time, event.astype(np.int64))


def at_horizon(rows: Times, estimand: Estimand) -> Floats:
    """1 with the event by the horizon, 0 without, NaN when follow-up ended before. Raises RefusalError when no horizon is planned."""
    if estimand.horizon_d is None:
        raise RefusalError(f"Estimand {estimand.id}: horizon_d is missing; a {estimand.summary} needs the day at which everyone is judged.")
    known = (rows.event > 0) | (rows.time >= estimand.horizon_d)
    return np.where(known, (rows.event == 1).astype(float), np.nan)


def measured(members: pl.DataFrame, column: str) -> Floats:
    """A measured value of each member, NaN where absent. Raises RefusalError when it is no number."""
    if column not in members.columns:
        raise RefusalError(f"The endpoint {column!r} is no column of subjects.parquet; a mean or a rank needs a measured value.")
    if not members[column].dtype.is_numeric():
        raise RefusalError(f"The endpoint {column} holds {members[column].dtype}; it must hold numbers.")
    return members[column].cast(pl.Float64).fill_null(float("nan")).to_numpy().astype(float)
