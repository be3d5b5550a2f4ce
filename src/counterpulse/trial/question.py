"""What one analysis asks: planned analysis, estimand, participants and whether to adjust. Shared by the methods; computes nothing."""

import math
from typing import Any, NamedTuple

from numpy.typing import NDArray

from counterpulse.trial.endpoints import Times, times
from counterpulse.trial.estimate import Estimate
from counterpulse.trial.plan import Estimand, Planned
from counterpulse.trial.populations import WORDS, Cohort, strata_of


class Question(NamedTuple):
    """One analysis of one population; `adjust` pools over the strata of the randomisation."""

    cohort: Cohort
    planned: Planned
    estimand: Estimand
    population: str
    adjust: bool = True

    def rows(self) -> Times:
        """The endpoint as times."""
        return times(self.cohort, self.estimand, self.population)

    def strata(self, rows: Times) -> tuple[NDArray[Any] | None, tuple[str, ...]]:
        """The stratum of each row and the columns it comes from; None without adjustment."""
        return strata_of(rows.members, self.planned.strata) if self.adjust else (None, ())

    def arms(self, rows: Times) -> dict[str, dict[str, float]]:
        """Participants and events of each arm."""
        return {self.cohort.name(g): {"n": float(rows.size(g)), "events": float(rows.events(g))} for g in (1, 0)}

    def answer(self, measure: str, numbers: tuple[float, float, float, float], made: str, **more: Any) -> Estimate:
        """An estimate of this question; `numbers` are (estimate, lower, upper, two-sided P)."""
        estimate, lower, upper, p = (float("nan") if value is None else float(value) for value in numbers)
        null = 1.0 if "ratio" in measure else 0.0
        horizon = f"{self.estimand.horizon_d:g} d" if self.estimand.horizon_d else "none"
        made_all = f"{made}; 1 = {self.cohort.active}, 0 = {self.cohort.reference}; population {WORDS[self.population]}; horizon {horizon}"
        return Estimate(
            self.planned.id,
            self.planned.role,
            self.population,
            self.estimand.endpoint,
            measure,
            estimate,
            lower,
            upper,
            self.sided(p, estimate - null),
            made=f"{made_all}; P {'two' if self.planned.sided == 2 else 'one'}-sided",
            level=self.planned.level,
            **more,
        )

    def sided(self, p: float, effect: float) -> float:
        """The P of the planned side: a one-sided test looks in the direction that the plan names."""
        if self.planned.sided == 2 or not math.isfinite(p):
            return p
        along = effect < 0 if self.planned.direction == "lower" else effect > 0
        return p / 2 if along else 1 - p / 2
