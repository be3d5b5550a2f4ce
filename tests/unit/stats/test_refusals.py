"""Every impossible input gets one sentence that names the thing; never a silent number."""

import numpy as np
import pytest

from counterpulse.refusal import RefusalError
from counterpulse.stats import binary, continuous, rates
from counterpulse.stats.competing import aalen_johansen, fine_gray, gray
from counterpulse.stats.hierarchical import TimeLevel, win_ratio
from counterpulse.stats.survival import Survival, cox, cox_zph, kaplan_meier, log_rank, rmst, rmst_difference

TIME = np.array([1.0, 2, 3, 4, 5, 6, 7, 8])
EVENT = np.array([1.0, 0, 1, 1, 0, 1, 1, 0])
ARM = np.array([0, 1, 0, 1, 0, 1, 0, 1])
ALIVE = np.zeros(8)

REFUSED = {
    "more events than people": (lambda: binary.two_by_two(9, 8, 1, 4), "x = 9 events among 8 people"),
    "half a patient": (lambda: binary.risk_difference((1.5, 8, 1, 4)), "x = 1.5"),
    "negative count": (lambda: binary.chi_square([[3, -1], [2, 2]]), "is -1"),
    "empty arm": (lambda: binary.risk_ratio((0, 0, 1, 4)), "n = 0 people"),
    "empty row": (lambda: binary.fisher([[0, 0], [2, 2]]), "row 1 is 0 people"),
    "empty column": (lambda: binary.chi_square([[3, 0], [2, 0]]), "column 2 is 0 people"),
    "not a table": (lambda: binary.chi_square([1, 2, 3]), "shape"),
    "totals that do not add up": (lambda: binary.check_sums([[3, 4], [2, 2]], [8, 4], [5, 6]), "sum to 7 people; the total given is 8"),
    "Yates on a large table": (lambda: binary.chi_square(np.ones((2, 3)), yates=True), "2 x 2 only"),
    "unknown interval": (lambda: binary.risk_difference((1, 8, 1, 4), interval="best"), "interval is 'best'"),
    "level in percent": (lambda: binary.proportion(1, 8, level=95), "level is 95"),
    "too many tables": (lambda: binary.exact_unconditional((1, 5000, 1, 5000)), "4,000,000"),
    "one value": (lambda: continuous.t_test([1.0], [2.0, 3.0]), "Group 1 has 1 values"),
    "no variation": (lambda: continuous.t_test([1.0, 1.0], [2.0, 2.0]), "do not vary"),
    "infinite value": (lambda: continuous.wilcoxon([1.0, np.inf], [2.0]), "infinite"),
    "text": (lambda: continuous.t_test(["a", "b"], [1, 2]), "no number"),
    "exact with ties": (lambda: continuous.wilcoxon([1, 2], [2, 3], exact=True), "ties"),
    "all values equal": (lambda: continuous.wilcoxon([1, 1], [1, 1]), "equal"),
    "negative time": (lambda: Survival(-TIME, EVENT), "time holds -8"),
    "event code": (lambda: Survival(TIME, EVENT / 2), "event holds 0.5"),
    "entry after the end": (lambda: Survival(TIME, EVENT, entry=TIME), "Row 1 enters at 1 and ends at 1"),
    "length": (lambda: Survival(TIME, EVENT[:3]), "event has 3 rows; time has 8"),
    "nothing left": (lambda: Survival([np.nan], [1]), "No row is left"),
    "weight": (lambda: Survival(TIME, EVENT, weights=EVENT), "weights holds 0"),
    "cause given to one-event method": (lambda: cox(Survival(TIME, EVENT * 2), ARM), "code 2"),
    "all censored, Cox": (lambda: cox(Survival(TIME, ALIVE), ARM), "all censored"),
    "all censored, log-rank": (lambda: log_rank(Survival(TIME, ALIVE), ARM), "all censored"),
    "one arm": (lambda: log_rank(Survival(TIME, EVENT), np.zeros(8)), "1 group"),
    "arm never at risk with the other": (lambda: log_rank(Survival([1, 2, 8, 9], [0, 0, 1, 1]), [0, 0, 1, 1]), "only one group is at risk"),
    "constant covariate": (lambda: cox(Survival(TIME, EVENT), np.ones(8), names=["age"]), "age is the same in all 8 rows"),
    "collinear covariates": (lambda: cox(Survival(TIME, EVENT), np.column_stack([ARM, 2 * ARM])), "linear combination"),
    "infinite covariate": (lambda: cox(Survival(TIME, EVENT), np.r_[TIME[:-1], np.inf]), "infinite value"),
    "robust exact ties": (lambda: cox(Survival(TIME, EVENT, cluster=ARM), ARM, ties="exact"), "Efron or Breslow"),
    "unknown ties": (lambda: cox(Survival(TIME, EVENT), ARM, ties="efon"), "ties is 'efon'"),
    "horizon beyond follow-up (days for months)": (lambda: rmst(Survival(TIME, EVENT), 60), "Same unit?"),
    "horizon of zero": (lambda: rmst(Survival(TIME, EVENT), 0), "above 0"),
    "three arms for a difference": (lambda: rmst_difference(Survival(TIME, EVENT), TIME, 3), "8 groups"),
    "strata in one curve": (lambda: kaplan_meier(Survival(TIME, EVENT, strata=ARM)), "kaplan_meier_by"),
    "cause nobody has": (lambda: fine_gray(Survival(TIME, EVENT), ARM, cause=2), "cause 2"),
    "Gray without the cause": (lambda: gray(Survival(TIME, EVENT), ARM, cause=2), "cause 2"),
    "late entry in Fine-Gray": (lambda: fine_gray(Survival(TIME, EVENT, entry=TIME - 1), ARM), "entry was given"),
    "late entry in Aalen-Johansen": (lambda: aalen_johansen(Survival(TIME, EVENT, entry=TIME - 1)), "entry was given"),
    "no winner": (lambda: win_ratio([TimeLevel(TIME, ALIVE)], ARM), "at least one of each"),
    "no level": (lambda: win_ratio([], ARM), "at least one endpoint"),
    "no person-time": (lambda: rates.rate(3, 0), "person-time of 0"),
    "no events": (lambda: rates.rate_ratio((0, 10, 0, 10)), "Neither arm"),
    "logarithm of time 0": (lambda: cox_zph(cox(Survival(TIME - 1, EVENT), ARM), transform="log"), "time 0"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_impossible_input_is_refused_in_one_sentence(name):
    attempt, words = REFUSED[name]
    with pytest.raises(RefusalError) as refusal:
        attempt()
    text = str(refusal.value)
    assert words in text
    assert text.endswith((".", "?"))
    assert "\n" not in text


def test_rows_at_time_zero_are_told():
    curve = kaplan_meier(Survival(np.r_[0.0, 0.0, TIME], np.r_[1.0, 0.0, EVENT]))
    assert any("time 0" in note for note in curve.notes)
    assert curve.survival[0] == pytest.approx(0.9)


def test_no_event_is_told_and_has_no_median():
    curve = kaplan_meier(Survival(TIME, ALIVE))
    assert any("no event" in note for note in curve.notes)
    assert curve.as_dict()["median"] is None
    assert (curve.survival == 1).all()


def test_zero_events_in_one_arm_is_named_and_has_no_hazard_ratio():
    fit = cox(Survival(TIME, np.where(ARM == 1, 0, 1)), ARM, names=["iabp"])
    assert not fit.converged
    assert fit.infinite == ("iabp",)
    assert fit.as_dict()["hazard_ratios"] == [None]
    assert "rises without end as iabp" in str(fit)
    assert 0 < fit.likelihood_ratio[2] < 1


def test_non_proportional_hazards_are_told():
    u = np.random.default_rng(5).random(400)
    arm = np.arange(400) % 2
    time = np.ceil(100 * np.where(arm == 1, u**3, u ** (1 / 3))) + 1
    found = cox_zph(cox(Survival(time, np.ones(400)), arm))
    assert found.p[0] < 0.05
    assert any("not proportional" in note for note in found.notes)


def test_missing_values_are_counted_not_imputed():
    fit = cox(Survival([*TIME, None], [*EVENT, 1]), [*ARM[:-1], None, 1])
    assert fit.n == 7
    assert fit.missing == 2
    assert continuous.t_test([1, 2, None], [3, 4, np.nan, 6]).missing == 2
