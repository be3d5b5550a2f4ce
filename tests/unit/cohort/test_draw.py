"""Draws from a table: any chunking gives the same, quartiles and correlations are the table's, the impossible is counted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterpulse.cohort.draw import CHOICES, completed, draw, leak_mL_cm2, scores_of, screened, stroke_mL, surface_m2, tuned
from counterpulse.cohort.table import bent, table, tables
from counterpulse.refusal import RefusalError

N = 20_000


@pytest.fixture(scope="module")
def many():
    return draw("altshock-2", N, 1)


@settings(max_examples=15, deadline=None)
@given(batch=st.integers(50, 5000), count=st.integers(1, 400), seed=st.integers(0, 2**32 - 1))
def test_chunking_changes_nothing(batch, count, seed):
    one, other = draw("altshock-2", count, seed), draw("altshock-2", count, seed, batch)
    assert np.array_equal(one.numbers, other.numbers)
    assert one.draws == other.draws
    assert one.refused == other.refused
    for name, column in one.columns.items():
        assert np.array_equal(column, other.columns[name]), name


def test_every_draw_is_kept_or_counted(many):
    assert many.draws == CHOICES * N + sum(many.refused.values())
    assert not any(bad.any() for bad in screened(many.columns, table("altshock-2")).values())


@pytest.mark.parametrize("name", list(table("altshock-2").printed()))
def test_quartiles_are_the_tables(many, name):
    found = np.quantile(many.columns[name], (0.25, 0.5, 0.75))
    assert found == pytest.approx(table("altshock-2").printed()[name], rel=0.05)


@pytest.mark.parametrize("seed", [31337, 5, 4_000_000_000])
def test_a_thousand_are_enough(seed):
    """By chance alone the first quartile of venous pressure strays by 4 % (one SD) in a thousand."""
    some, rules = draw("altshock-2", 1000, seed).columns, table("altshock-2")
    for name, printed in rules.printed().items():
        assert np.quantile(some[name], (0.25, 0.5, 0.75)) == pytest.approx(printed, rel=0.03), name
    for name, share in rules.shares().items():
        assert some[name].mean() == pytest.approx(share, abs=0.01), name
    for (a, b), r in rules.correlations().items():
        if a in rules.drawn() and b in rules.drawn():
            assert np.corrcoef(scores_of(some[a]), scores_of(some[b]))[0, 1] == pytest.approx(r, abs=0.09), (a, b)


def test_shares_are_the_tables(many):
    for name, share in table("altshock-2").shares().items():
        assert many.columns[name].mean() == pytest.approx(share, abs=0.03), name


def test_correlations_are_as_stated(many):
    marginals = tuned("altshock-2").marginals
    for (a, b), r in table("altshock-2").correlations().items():
        if a in marginals and b in marginals:
            found = np.corrcoef(scores_of(many.columns[a]), scores_of(many.columns[b]))[0, 1]
            assert found == pytest.approx(r, abs=0.1), (a, b)


@given(first=st.floats(1, 50), up=st.floats(1, 15), more=st.floats(1, 15))
def test_a_marginal_goes_through_its_quartiles(first, up, more):
    marginal = bent([first, first + up, first + up + more], -1e9, 1e9)
    z = 0.6744897501960817
    assert marginal.at(np.array([-z, 0.0, z])) == pytest.approx([first, first + up, first + up + more], rel=1e-6, abs=1e-6)


def test_limits_cut_and_do_not_heap():
    marginal = bent([10.0, 20.0, 30.0], 5.0, 40.0)
    values = marginal.at(np.linspace(-4, 4, 1001))
    assert values.min() >= 5.0
    assert values.max() <= 40.0
    assert (np.diff(values) > 0.0).all()


def test_quartiles_that_do_not_rise_are_refused():
    with pytest.raises(RefusalError, match="must rise"):
        bent([3.0, 2.0, 4.0], 0.0, 9.0)


def test_there_is_no_such_table():
    assert tables() == ["altshock-2"]
    with pytest.raises(RefusalError, match="altshock-2"):
        table("nobody")


def test_men_are_taller_and_mean_pressure_lies_between():
    full = completed(tuned("altshock-2").draw(1, 0, 4000))
    man = full["male"] > 0.5
    assert full["height_cm"][man].mean() > full["height_cm"][~man].mean() + 8.0
    assert ((full["map_mmHg"] > full["dbp_mmHg"]) & (full["map_mmHg"] < full["sbp_mmHg"])).all() or (full["sbp_mmHg"] <= full["dbp_mmHg"]).any()
    assert full["fibrillating"].mean() == pytest.approx(0.21, abs=0.03)


def test_mitral_regurgitation_leaves_the_forward_flow_that_the_screen_asks_for():
    """Of those with room for any orifice the published shares have none, up to 0.2 and beyond; nobody is refused for a leak that was drawn."""
    many = draw("altshock-2", 4000, 3).columns
    leak, output = many["mitral_leak_cm2"], stroke_mL(many) * many["hr_per_min"] / 1000.0
    forward = output - leak * leak_mL_cm2(many) * many["hr_per_min"] / 1000.0
    assert (forward / surface_m2(many)).min() > 1.2 - 1e-9
    assert (leak == 0.0).mean() == pytest.approx(0.5, abs=0.15)  # 27 % were it not for the least flow
    roomy = output / surface_m2(many) > 3.0
    assert (leak[roomy] == 0.0).mean() == pytest.approx(0.27, abs=0.1)
    assert 0.0 < (leak > 0.2).mean() < 0.24
