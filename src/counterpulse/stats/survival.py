"""Everything about one event in time, from one place; the modules named below hold it. Units: the caller's time."""

from counterpulse.stats.cox import CoxFit, cox
from counterpulse.stats.kaplan_meier import FollowUp, KaplanMeier, follow_up, kaplan_meier, kaplan_meier_by
from counterpulse.stats.logrank import LogRank, log_rank
from counterpulse.stats.proportionality import ProportionalityTest, cox_zph
from counterpulse.stats.restricted import RestrictedDifference, RestrictedMean, rmst, rmst_difference
from counterpulse.stats.times import Survival

__all__ = [
    "CoxFit",
    "FollowUp",
    "KaplanMeier",
    "LogRank",
    "ProportionalityTest",
    "RestrictedDifference",
    "RestrictedMean",
    "Survival",
    "cox",
    "cox_zph",
    "follow_up",
    "kaplan_meier",
    "kaplan_meier_by",
    "log_rank",
    "rmst",
    "rmst_difference",
]
