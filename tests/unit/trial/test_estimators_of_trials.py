"""What the analysis adds to the estimators: pooling over strata, compliers, bounds, imputation, tipping points, multiplicity."""

import math

import numpy as np
import pytest
from made_trial import PLAN, deaths, subjects, write
from scipy import stats as ss

from counterpulse.stats import binary
from counterpulse.trial import imputation, stratified
from counterpulse.trial.analysis import Way, analyse
from counterpulse.trial.complier import fieller
from counterpulse.trial.multiplicity import adjusted
from counterpulse.trial.truncated import bounds

# counts of the BCG trials (Colditz 1994, JAMA 271:698) and what metafor 3.8 rma.mh(measure = "RR") gives for them (R 4.2.2)
BCG = np.array([(4, 123, 11, 139), (6, 306, 29, 303), (3, 231, 11, 220), (62, 13598, 248, 12867), (33, 5069, 47, 5808), (180, 1541, 372, 1451),
                (8, 2545, 10, 629), (505, 88391, 499, 88391), (29, 7499, 45, 7277), (17, 1716, 65, 1665), (186, 50634, 141, 27338),
                (5, 2498, 3, 2341), (27, 16913, 29, 17854)], dtype=float)
BCG_LOG_RR, BCG_SE = -0.4537096046838, 0.03933736687129


def test_mantel_haenszel_equals_metafor():
    found = stratified.risk_ratio(tuple(BCG.T), 0.95)
    assert math.log(found.estimate) == pytest.approx(BCG_LOG_RR, rel=1e-10)
    assert found.std_err == pytest.approx(BCG_SE, rel=1e-10)


def test_three_pump_trials_pooled_equal_metafor():
    counts = np.array([(10, 53, 12, 48), (31, 118, 31, 120), (42, 151, 58, 150)], dtype=float)
    found = stratified.risk_ratio(tuple(counts.T), 0.95)
    assert math.log(found.estimate) == pytest.approx(-0.205994, abs=5e-7)
    assert found.std_err == pytest.approx(0.124805, abs=5e-7)


def test_one_stratum_is_the_plain_effect():
    one = tuple(np.array([value], dtype=float) for value in (10, 53, 12, 48))
    assert stratified.risk_difference(one, 0.95).estimate == pytest.approx(10 / 53 - 12 / 48)
    odds, plain = stratified.odds_ratio(one, 0.95), binary.odds_ratio((10, 53, 12, 48))
    assert (odds.estimate, odds.lower, odds.upper) == pytest.approx((plain.estimate, plain.lower, plain.upper), rel=1e-9)
    risk, katz = stratified.risk_ratio(one, 0.95), binary.risk_ratio((10, 53, 12, 48))
    assert (risk.estimate, risk.lower, risk.upper) == pytest.approx((katz.estimate, katz.lower, katz.upper), rel=1e-9)


def test_sato_interval_covers():
    rng = np.random.default_rng(3)
    hits = 0
    for _ in range(400):
        n1, n0 = rng.integers(10, 40, 6), rng.integers(10, 40, 6)
        base = rng.uniform(0.2, 0.6, 6)
        counts = (rng.binomial(n1, base + 0.1), n1, rng.binomial(n0, base), n0)
        found = stratified.risk_difference(tuple(np.asarray(c, float) for c in counts), 0.95)
        hits += found.lower <= 0.1 <= found.upper
    assert 0.92 <= hits / 400 <= 0.98


def test_least_squares_without_strata_is_students_t():
    rng = np.random.default_rng(1)
    value, group = rng.normal(10, 3, 60), np.arange(60) % 2
    found = stratified.least_squares(value, group, None, 0.95)
    assert found.p == pytest.approx(ss.ttest_ind(value[group == 1], value[group == 0]).pvalue, rel=1e-10)


def test_strata_take_their_difference_out():
    rng = np.random.default_rng(1)
    strata = np.array(["a", "b"] * 50, dtype=object)
    group = (np.arange(100) // 2) % 2
    value = rng.normal(0, 1, 100) + 50 * (strata == "b") + group
    found = stratified.least_squares(value, group, strata, 0.95)
    assert found.std_err < 0.3
    assert abs(found.estimate - 1) < 4 * found.std_err


def test_fieller_without_noise_in_the_denominator_is_plain():
    low, high = fieller((0.2, 0.8), (0.01, 0.0, 0.0), 1.96)
    assert (low, high) == pytest.approx(((0.2 - 0.196) / 0.8, (0.2 + 0.196) / 0.8))


def test_fieller_is_endless_when_nobody_complies():
    assert fieller((0.2, 0.01), (0.01, 0.01, 0.0), 1.96) == (-math.inf, math.inf)


def test_bounds_by_hand():
    one, zero = np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, 2.0])
    assert bounds([one, zero], [1.0, 0.5], monotone=True) == pytest.approx((1.5 - 2.0, 3.5 - 2.0))
    assert bounds([one, zero], [1.0, 1.0], monotone=False) == pytest.approx((0.5, 0.5))
    assert all(math.isnan(edge) for edge in bounds([one, zero], [0.4, 0.5], monotone=False))


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("holm", [0.03, 0.06, 0.06, 0.02]),
        ("hochberg", [0.03, 0.04, 0.04, 0.02]),
        ("bonferroni", [0.04, 0.16, 0.12, 0.02]),
        ("hierarchical", [0.01, 0.04, 0.04, 0.04]),
        ("none", [0.01, 0.04, 0.03, 0.005]),
    ],
)
def test_adjusted_p_as_r_p_adjust(method, expected):
    assert adjusted([0.01, 0.04, 0.03, 0.005], method) == pytest.approx(expected)


RISK = PLAN.replace('summary = "hazard ratio"', 'summary = "risk difference"')


def lost_trial(folder, plan, many=8):
    held = subjects(120)
    rows = deaths(held)
    dead = {name for name, _, _ in rows}
    alive = [i for i, name in enumerate(held["participant"]) if name not in dead][:many]
    for i in alive:
        held["last_contact_d"][i] = 20.0
    path, data = write(folder, held, rows, plan=plan)
    return analyse(path, data, Way(data / "arms.toml", data / "lock.json"))


def test_missing_outcomes_are_counted_and_tipped(tmp_path):
    found = lost_trial(tmp_path, RISK)
    assert found.primary.missing == 8
    assert found.primary.arms["device"]["n"] + found.primary.arms["control"]["n"] == 112
    tipping = found.tipping
    assert tipping.p.shape == (tipping.lost_active + 1, tipping.lost_reference + 1)
    assert tipping.lost_active + tipping.lost_reference == 8
    assert ((tipping.p < 0.05) != (tipping.observed < 0.05)).sum() == tipping.turns


def test_imputation_is_seeded_and_near_the_complete_cases(tmp_path):
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
    imputed = RISK.replace('role = "primary"', 'role = "primary"\nmissing = "multiple imputation"\nseed = 3')
    one, two, plain = lost_trial(tmp_path / "a", imputed), lost_trial(tmp_path / "b", imputed), lost_trial(tmp_path / "c", RISK)
    assert one.primary.estimate == two.primary.estimate
    assert "seed 3" in one.primary.made
    assert one.primary.estimate == pytest.approx(plain.primary.estimate, abs=0.03)
    assert one.primary.upper - one.primary.lower > 0.9 * (plain.primary.upper - plain.primary.lower)


@pytest.mark.parametrize(("how", "sign"), [("as_event", 1), ("as_no_event", -1)])
def test_single_values_for_the_missing_move_the_risk(tmp_path, how, sign):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    filled = lost_trial(tmp_path / "a", RISK.replace('role = "primary"', f'role = "primary"\nmissing = "{how}"'))
    plain = lost_trial(tmp_path / "b", RISK)
    total = [sum(arm["events"] for arm in one.primary.arms.values()) for one in (filled, plain)]
    assert total[0] - total[1] == (8 if sign == 1 else 0)


def test_imputation_draws_only_what_is_missing():
    outcome = np.array([1.0, 0.0, np.nan, 1.0])
    full = imputation.impute(outcome, np.array([1, 1, 0, 0]), None, np.random.default_rng(0))
    assert (full[[0, 1, 3]] == [1, 0, 1]).all()
    assert full[2] in (0.0, 1.0)


def test_without_crossover_compliers_are_everybody(tmp_path):
    held = subjects(120)
    path, data = write(tmp_path, held, deaths(held), plan=RISK.replace('role = "primary"', 'role = "primary"\nstrata = []'))
    found = analyse(path, data, Way(data / "arms.toml", data / "lock.json"))
    complier = found.side_by_side[-1]
    assert complier.measure == "risk difference in compliers"
    assert complier.estimate == pytest.approx(found.primary.estimate, abs=1e-12)
