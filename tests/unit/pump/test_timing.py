"""What the console learns from beats: R-R, closure, opening."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterpulse.kernel import kernel
from counterpulse.pump.timing import (
    LONGEST_CLOSE_S,
    LONGEST_OPEN_S,
    SHORTEST_CLOSE_S,
    SHORTEST_OPEN_S,
    Expectation,
    earliest_rr,
    expect_rr,
    expected_close,
    expected_open,
    heed_width,
    learn_close,
    learn_open,
    median,
    open_margin,
)


@kernel
def teach(e, rr, close, opens):
    """Beats in order; returns the expectation of each closure before it was seen."""
    guessed = np.zeros(rr.size)
    for i in range(rr.size):
        expect_rr(e, rr[i])
        guessed[i] = expected_close(e, False)
        learn_close(e, close[i], False)
        learn_open(e, opens[i], 0.0)
    return guessed


@kernel
def view(e):
    return earliest_rr(e), expected_open(e), expected_close(e, False), expected_close(e, True)


def beats(n, rr=0.8, spread=0.05, slope=0.2, seed=0):
    chance = np.random.default_rng(seed)
    intervals = rr * (1 + spread * chance.standard_normal(n))
    return intervals, 0.3 + slope * (intervals - rr) + 0.003 * chance.standard_normal(n), 0.09 + 0.004 * chance.standard_normal(n)


def test_before_anything_is_seen_weissler_holds():
    """At 60 a minute: QS2 546 - 126 less Q to R 40 ms; LVET 413 - 102 ms."""
    e = Expectation(last_rr_s=1.0)
    _, _, from_r, from_opening = view(e)
    assert from_r == pytest.approx(0.380, abs=1e-9)
    assert from_opening == pytest.approx(0.311, abs=1e-9)


def test_closure_is_learned_within_four_beats():
    e = Expectation()
    guessed = teach(e, *beats(4))
    assert abs(guessed[-1] - 0.3) < 0.02


@pytest.mark.parametrize("slope", [0.05, 0.2, 0.3])
def test_slope_on_rr_is_the_patients_own(slope):
    e = Expectation()
    rr, close, opens = beats(300, spread=0.15, slope=slope)
    error = (teach(e, rr, close, opens) - close)[100:]
    assert np.std(error) < 0.006
    assert abs(np.mean(error)) < 0.003


def test_strange_notches_are_left_out_until_they_persist():
    e = Expectation()
    teach(e, *beats(50, spread=0.0))
    rr, close, opens = beats(3, spread=0.0)
    teach(e, rr, close + 0.15, opens)
    assert abs(view(e)[2] - 0.3) < 0.01
    rr, close, opens = beats(6, spread=0.0)
    teach(e, rr, close + 0.15, opens)
    assert abs(view(e)[2] - 0.45) < 0.01


def test_irregular_rhythm_is_seen():
    steady, wild = Expectation(), Expectation()
    teach(steady, *beats(30, spread=0.03))
    teach(wild, *beats(30, spread=0.2))
    assert steady.irregular == 0
    assert wild.irregular == 1


def test_one_missed_beat_does_not_move_the_expected_interval():
    e = Expectation()
    teach(e, *beats(20, spread=0.0))
    teach(e, np.array([1.6]), np.array([np.nan]), np.array([np.nan]))
    assert e.next_rr_s == pytest.approx(0.8)
    assert e.median_s == pytest.approx(0.8)


@settings(deadline=None)
@given(st.lists(st.floats(0.25, 3), min_size=1, max_size=60), st.floats(-1, 1), st.floats(-1, 1))
def test_whatever_it_is_taught_it_stays_in_bounds(rr, close, opens):
    e = Expectation()
    n = len(rr)
    teach(e, np.array(rr), np.full(n, close), np.full(n, opens))
    early, opening, closing, ejection = view(e)
    assert min(0.9 * e.median_s, e.next_rr_s) - 1e-9 <= early <= e.next_rr_s
    assert SHORTEST_OPEN_S <= opening <= LONGEST_OPEN_S
    assert SHORTEST_CLOSE_S <= closing <= LONGEST_CLOSE_S
    assert SHORTEST_CLOSE_S <= ejection <= LONGEST_CLOSE_S


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.floats(-5, 5), min_size=1, max_size=10))
def test_median(values):
    ordered = sorted(values)
    assert median(np.array(values), len(values)) == ordered[(len(values) - 1) // 2]


def test_two_upstrokes_suffice_and_one_odd_one_does_not_move_the_opening_far():
    e = Expectation()
    teach(e, *beats(2, spread=0.0))
    assert abs(view(e)[1] - 0.09) < 0.01
    teach(e, *beats(30, spread=0.0))
    rr, close, _ = beats(1, spread=0.0)
    teach(e, rr, close, np.array([0.01]))
    assert abs(view(e)[1] - 0.09) < 0.006


def test_opening_before_it_is_seen_heeds_the_width_of_the_qrs():
    """The R wave of a wide QRS peaks halfway, so the valve opens sooner after it."""
    narrow, wide = Expectation(), Expectation()
    narrow_and_wide(narrow, wide)
    assert view(narrow)[1] - view(wide)[1] == pytest.approx(0.04, abs=1e-9)


@kernel
def narrow_and_wide(narrow, wide):
    heed_width(narrow, 0.05)
    heed_width(wide, 0.16)
    return narrow.q_to_r_s, wide.q_to_r_s


@kernel
def margin(e):
    return open_margin(e)


def test_against_a_low_pressure_the_valve_opens_early():
    low, usual = Expectation(median_s=1.3, low_mmHg=30.0), Expectation(median_s=1.3, low_mmHg=70.0)
    assert expected_open(low) < expected_open(usual) - 0.03  # severe regurgitation at 46 a minute: 8 ms after the R wave
    assert expected_open(usual) == expected_open(Expectation(median_s=1.3))
    seen = Expectation(median_s=1.3, low_mmHg=30.0, open_n=5, open_mean_s=0.09)
    assert expected_open(seen) == pytest.approx(0.09)  # the root has told
    late = Expectation(median_s=1.3, low_mmHg=30.0, open_n=5, open_mean_s=0.09, open_unseen_s=0.012)
    assert expected_open(late) < 0.06


def test_margin_for_the_opening_grows_with_its_spread_where_rr_is_steady():
    steady, wild = Expectation(next_sd_s=0.0, open_miss_s=0.006), Expectation(next_sd_s=0.015, open_miss_s=0.006)
    assert margin(steady) == pytest.approx(4.0 * 1.2533 * 0.006)
    assert 0.0 < margin(wild) < 0.01


def test_a_bound_on_rr_leaves_the_opening_its_whole_spread():
    """Fibrillation: the next R-R says nothing, a predictable beat comes at 0.9 of the median at the soonest, and then the valve may open early as ever."""
    for sd, least in ((0.1, 3.8), (0.3, 3.95), (0.02, 0.5)):
        assert least * 1.2533 * 0.006 < margin(Expectation(next_sd_s=sd, open_miss_s=0.006)) <= 4.0 * 1.2533 * 0.006


def test_early_beats_are_as_rare_as_the_margin_says():
    """Normal R-R and openings, predictable beats only: over 4 SD early in one of 30,000 at the most, whatever of the two is the wider."""
    rng = np.random.default_rng(5)
    for sd, miss in ((0.01, 0.01), (0.025, 0.01), (0.04, 0.005), (0.15, 0.012)):
        e = Expectation(next_sd_s=sd, open_miss_s=miss)
        late, opening = sd * rng.standard_normal(4_000_000), 1.2533 * miss * rng.standard_normal(4_000_000)
        good = late >= -0.1 * e.next_rr_s
        assert (late + opening < -(margin(e) + e.next_rr_s - view(e)[0]))[good].mean() <= 3.2e-5 * 1.5


def test_until_it_is_seen_the_opening_is_as_uncertain_as_in_people():
    assert margin(Expectation(next_sd_s=0.0)) == pytest.approx(4.0 * 0.02)


@kernel
def follow(e, rr):
    """How far each interval lay from what was told of it, and the SD given for that."""
    missed, sd = np.zeros(rr.size), np.zeros(rr.size)
    for i in range(rr.size):
        missed[i], sd[i] = rr[i] - e.next_rr_s, e.next_sd_s
        expect_rr(e, rr[i])
    return missed, sd


def breathing(n, breath=0.02, white=0.01, seed=3):
    """R-R about 0.8 s that breathes 15 times a minute."""
    at = 0.8 * np.arange(n)
    return 0.8 * (1 + breath * np.sqrt(2) * np.sin(2 * np.pi * 0.25 * at + 0.3) + white * np.random.default_rng(seed).standard_normal(n))


def test_an_interval_that_breathes_is_foretold():
    missed, sd = follow(Expectation(), breathing(400))
    plain = breathing(400).std()
    assert missed[100:].std() < 0.6 * plain
    assert np.mean(sd[100:]) == pytest.approx(missed[100:].std(), rel=0.2)


def test_without_memory_nothing_is_lost_against_the_mean_of_ten():
    rr, _, _ = beats(600, spread=0.03)
    missed, _ = follow(Expectation(), rr)
    ten = np.array([rr[k] - rr[k - 10 : k].mean() for k in range(100, 600)])
    assert missed[100:].std() < 1.05 * ten.std()


def test_premature_beats_do_not_widen_the_spread_of_those_that_are_in_time():
    rr = breathing(400)
    rr[50::20] *= 0.65
    rr[51::20] *= 1.35
    _, sd = follow(Expectation(), rr)
    _, clean = follow(Expectation(), breathing(400))
    assert np.mean(sd[100:]) < 1.5 * np.mean(clean[100:])


def test_a_rhythm_that_becomes_unsteady_is_heeded_with_its_first_beat():
    """A steady rhythm at 75/min, then one that varies by 3 %."""
    rr = np.concatenate([np.full(200, 0.8), breathing(30, 0.02, 0.02)])
    _, sd = follow(Expectation(), rr)
    assert sd[199] < 0.004
    assert sd[203:].min() > 0.008


def learned(**fields):
    """Forty regular beats of 0.8 s that close 0.3 s after a narrow QRS, then what is changed."""
    e = Expectation()
    teach(e, *beats(40, spread=0.0))
    for name, value in fields.items():
        setattr(e, name, value)
    return e


def test_a_wide_qrs_is_marked_late_so_that_closure_comes_sooner_after_it():
    assert view(learned(q_to_r_s=0.09))[2] == pytest.approx(view(learned())[2] - 0.05)
    assert view(learned(q_to_r_s=0.09))[3] == view(learned())[3]  # from the opening nothing changes


def test_lessons_of_wide_beats_teach_of_narrow_ones():
    """What a paced patient has shown holds for the narrow beat that comes between."""
    e = Expectation(q_to_r_s=0.09)
    rr, close, opens = beats(40, spread=0.0)
    teach(e, rr, close - 0.05, opens)
    e.q_to_r_s = 0.04
    assert view(e)[2] == pytest.approx(0.3, abs=0.005)
