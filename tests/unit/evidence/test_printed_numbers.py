"""Printed strings and the values they may stand for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterpulse.evidence.printed import number, p_value, share
from counterpulse.refusal import RefusalError


@given(st.floats(0, 1), st.integers(0, 4))
def test_a_rounded_number_fits_what_it_was_rounded_from(value, decimals):
    assert number(f"{value:.{decimals}f}").fits(value)


@pytest.mark.parametrize(("text", "inside", "outside"), [("0.46", 0.4559, 0.4651), ("<0.001", 0.0009, 0.0011), (">0.9", 0.942, 0.89), ("0·94", 0.9387, 0.93)])
def test_intervals(text, inside, outside):
    assert p_value(text).fits(inside)
    assert not p_value(text).fits(outside)


def test_a_ceiling_reads_up_to_one():
    assert p_value("0.99", 0.99).fits(1.0)
    assert not p_value("0.99").fits(1.0)
    assert not p_value("0.98", 0.99).fits(1.0)


@pytest.mark.parametrize(("text", "inside", "outside"), [("two-thirds", 66.0, 56.4), ("almost 60", 58.0, 61.4), ("about 40", 43.6, 46.0), ("12.5", 12.54, 12.6)])
def test_shares_in_words(text, inside, outside):
    assert share(text).fits(inside)
    assert not share(text).fits(outside)


@pytest.mark.parametrize("text", ["", "n.s.", "0.4.6", "p=0.3x"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(RefusalError, match="is no number"):
        number(text)


def test_a_p_above_one_is_refused():
    with pytest.raises(RefusalError, match="must lie in 0 to 1"):
        p_value("1.3")


def test_cut_off_is_told_from_rounded():
    assert share("43").truncated(43.56)
    assert not share("43").fits(43.56)
