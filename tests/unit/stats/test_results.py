"""Every result prints how it was made and turns into JSON without NaN."""

import json

import numpy as np
import pytest

from counterpulse.stats import binary, continuous, rates
from counterpulse.stats.competing import aalen_johansen, fine_gray, gray
from counterpulse.stats.hierarchical import TimeLevel, ValueLevel, win_ratio
from counterpulse.stats.survival import Survival, cox, cox_zph, follow_up, kaplan_meier, log_rank, rmst, rmst_difference

U = np.random.default_rng(11)
N = 60
TIME, CAUSE, ARM, AGE = np.ceil(U.exponential(20, N)), U.integers(0, 3, N), np.arange(N) % 2, U.normal(60, 9, N)
ONE = Survival(TIME, (CAUSE > 0).astype(float))
MANY = Survival(TIME, CAUSE)
COUNTS = (43, 53, 36, 48)
RESULTS = {
    "chi_square": lambda: binary.chi_square(binary.two_by_two(*COUNTS)),
    "fisher": lambda: binary.fisher(binary.two_by_two(*COUNTS)),
    "fisher one empty cell": lambda: binary.fisher(binary.two_by_two(4, 4, 1, 5)),
    "exact_unconditional": lambda: binary.exact_unconditional(COUNTS),
    "risk_difference": lambda: binary.risk_difference(COUNTS),
    "risk_ratio zero": lambda: binary.risk_ratio((3, 9, 0, 9)),
    "odds_ratio": lambda: binary.odds_ratio(COUNTS, interval="exact"),
    "proportion": lambda: binary.proportion(3, 9),
    "t_test": lambda: continuous.t_test(AGE[ARM == 1], AGE[ARM == 0]),
    "t_test one-sided": lambda: continuous.t_test(AGE[ARM == 1], AGE[ARM == 0], sided="less"),
    "wilcoxon": lambda: continuous.wilcoxon(AGE[ARM == 1], AGE[ARM == 0]),
    "hodges_lehmann": lambda: continuous.hodges_lehmann(AGE[ARM == 1], AGE[ARM == 0]),
    "kaplan_meier": lambda: kaplan_meier(ONE),
    "follow_up": lambda: follow_up(ONE),
    "log_rank": lambda: log_rank(ONE, ARM),
    "cox": lambda: cox(ONE, np.column_stack([ARM, AGE]), names=["arm", "age"]),
    "cox_zph": lambda: cox_zph(cox(ONE, ARM)),
    "rmst": lambda: rmst(ONE, 20),
    "rmst_difference": lambda: rmst_difference(ONE, ARM, 20),
    "aalen_johansen": lambda: aalen_johansen(MANY),
    "gray": lambda: gray(MANY, ARM),
    "fine_gray": lambda: fine_gray(MANY, ARM),
    "win_ratio": lambda: win_ratio([TimeLevel(TIME, CAUSE == 1, "death"), ValueLevel(AGE, True, "age")], ARM),
    "rate_ratio": lambda: rates.rate_ratio((5, 100, 9, 80)),
}


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_prints_how_it_was_made_and_is_json(name):
    result = RESULTS[name]()
    text = str(result)
    for word in ("variant", "ties", "interval", "level", "sided", "denominators", "missing"):
        assert f"{word} " in text
    found = json.loads(json.dumps(result.as_dict(), allow_nan=False))
    assert found["method"] == result.method
    assert found["denominators"]
    assert "frame" not in found


def test_the_papers_primary_endpoint_under_three_tests():
    table = binary.two_by_two(43, 53, 36, 48)  # Altshock-2: survival or heart replacement, IABP against standard care
    assert round(binary.chi_square(table).p, 4) == 0.4559
    assert round(binary.chi_square(table, yates=True).p, 3) == 0.614
    assert round(binary.fisher(table).p, 3) == 0.480
    assert binary.rule_test(table).variant == "without continuity correction"
    assert binary.rule_test(binary.two_by_two(0, 48, 4, 53)).method == "Fisher's exact test"


def test_order_of_rows_changes_nothing():
    order = U.permutation(N)
    first = cox(ONE, np.column_stack([ARM, AGE]))
    again = cox(Survival(TIME[order], (CAUSE > 0).astype(float)[order]), np.column_stack([ARM, AGE])[order])
    assert np.allclose(first.coefficients, again.coefficients, rtol=1e-12)
    assert np.allclose(first.residuals[order], again.residuals, atol=1e-12)


def test_ties_of_causes_are_never_jittered():
    first, again = aalen_johansen(MANY), aalen_johansen(MANY)
    assert (first.incidence == again.incidence).all()


def test_causes_and_survival_add_up_to_one():
    total = aalen_johansen(MANY, 1).incidence + aalen_johansen(MANY, 2).incidence
    curve = kaplan_meier(ONE)
    free = curve.survival[np.searchsorted(curve.time, aalen_johansen(MANY).time)]
    assert np.allclose(total + free, 1, atol=1e-12)


def test_time_varying_rows_of_one_participant_equal_the_single_row():
    middle = np.floor(TIME / 2)
    split = middle > 0
    event = (CAUSE > 0).astype(float)
    time = np.r_[TIME, middle[split]]
    rows = Survival(time, np.r_[event, np.zeros(split.sum())], entry=np.r_[np.where(split, middle, 0), np.zeros(split.sum())])
    joined = cox(rows, np.r_[AGE, AGE[split]])
    assert np.allclose(joined.coefficients, cox(ONE, AGE).coefficients, rtol=1e-10)


def test_win_ratio_of_one_level_counts_pairs():
    found = win_ratio([ValueLevel([1, 2, 3, 4], True)], [0, 1, 0, 1])
    assert (found.wins, found.losses, found.ties_left) == (3, 1, 0)
    assert found.win_ratio == 3


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_plain_path_of_one_covariate_equals_the_general_one(ties, weighted):
    event = (CAUSE > 0).astype(float)
    extra = {"weights": 1 + (np.arange(N) % 3) / 2} if weighted else {}
    strata = {"strata": ARM}
    for x, more in ((ARM, extra), (AGE, extra | strata)):
        plain = cox(Survival(TIME, event, **more), x, ties=ties)
        general = cox(Survival(TIME, event, entry=np.zeros(N), **more), x, ties=ties)
        assert np.allclose(plain.coefficients, general.coefficients, rtol=1e-12)
        assert np.allclose(plain.std_err, general.std_err, rtol=1e-12)
        assert np.allclose(plain.loglik, general.loglik, rtol=1e-13)
        assert np.allclose(plain.residuals, general.residuals, atol=1e-12)
        assert abs((plain.residuals * extra.get("weights", 1)).sum()) < 1e-10
