"""Who is compared with whom: participants with their arm, in the populations that a trial reports side by side.

ITT and safety by the arm assigned; per protocol those marked so; as treated by the arm received (a crossover event, or the column
`treated_arm`, turns the arm round). Arms are 1 (active) and 0 (reference) inside.
"""

from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from counterpulse.refusal import RefusalError
from counterpulse.trial.participants import TrialData
from counterpulse.trial.plan import Plan

WORDS = {"itt": "intention to treat", "per_protocol": "per protocol", "as_treated": "as treated", "safety": "safety"}


class Cohort(NamedTuple):
    """Subjects with `arm` (assigned) and `treated` (received), their events, and which arm is which."""

    subjects: pl.DataFrame
    events: pl.DataFrame
    active: str
    reference: str

    def members(self, population: str) -> pl.DataFrame:
        """Participants of a population with `group`: 1 active, 0 reference. Raises RefusalError when an arm is empty in it."""
        column = {"itt": "itt", "per_protocol": "per_protocol", "as_treated": "itt", "safety": "safety"}[population]
        arm = "treated" if population == "as_treated" else "arm"
        chosen = self.subjects.filter(pl.col(column)).with_columns((pl.col(arm) == self.active).cast(pl.Int64).alias("group"))
        for code, name in ((1, self.active), (0, self.reference)):
            if not chosen.filter(pl.col("group") == code).height:
                raise RefusalError(f"Arm {name} is empty in the {WORDS[population]} population; a comparison needs participants in both arms.")
        return chosen

    def name(self, group: int) -> str:
        """The arm's name."""
        return self.active if group else self.reference


def cohort(data: TrialData, plan: Plan, key: dict[str, str]) -> Cohort:
    """Put the arm key on the data. Raises RefusalError unless there are two arms and the reference is one of them."""
    arms = sorted(set(key.values()))
    if plan.reference_arm not in arms:
        raise RefusalError(f"The plan's reference_arm is {plan.reference_arm!r}; the arm key has {', '.join(arms)}.")
    present = sorted({key[code] for code in data.subjects["arm_code"].unique().to_list()})
    if len(present) != 2:
        raise RefusalError(f"The data hold {len(present)} arm(s) ({', '.join(present)}); this analysis compares two.")
    active = next(arm for arm in present if arm != plan.reference_arm)
    subjects = data.subjects.with_columns(pl.col("arm_code").replace_strict(key, return_dtype=pl.String).alias("arm"))
    return Cohort(_treated(subjects, data.events, plan, active), data.events, active, plan.reference_arm)


def _treated(subjects: pl.DataFrame, events: pl.DataFrame, plan: Plan, active: str) -> pl.DataFrame:
    if "treated_arm" in subjects.columns:
        return subjects.with_columns(pl.coalesce("treated_arm", "arm").alias("treated"))
    crossed = events.filter(pl.col("kind") == plan.crossover)["participant"].unique().to_list()
    other = pl.when(pl.col("arm") == active).then(pl.lit(plan.reference_arm)).otherwise(pl.lit(active))
    return subjects.with_columns(pl.when(pl.col("participant").is_in(crossed)).then(other).otherwise(pl.col("arm")).alias("treated"))


def strata_of(members: pl.DataFrame, names: tuple[str, ...] | None) -> tuple[NDArray[Any] | None, tuple[str, ...]]:
    """The stratum of each member and the columns it is made of: those planned, else the randomisation's `stratum` and `centre` as recorded.

    By default `stratum`, which holds the cell of the randomisation list. None when there is only one. Raises RefusalError for an unknown column.
    """
    columns = ("stratum",) if names is None else names
    for name in columns:
        if name not in members.columns:
            raise RefusalError(f"strata names {name!r}, which is no column of subjects.parquet.")
    if not columns:
        return None, ()
    cells = members.select(pl.concat_str([pl.col(name).cast(pl.String).fill_null("?") for name in columns], separator=" / ").alias("cell"))["cell"]
    if cells.n_unique() < 2:
        return None, ()
    return np.asarray(cells.to_list(), dtype=object), columns
