"""Catheters and the balloon-pressure waveform: times of the table, landmarks, and what leak, kink, overfill, wrapping, altitude and rupture do (pump.md 1.3)."""

import numpy as np
import pytest

from catheters import FAULTS, T90_MS, WITHIN_MS, baselines, times_of, waveform
from counterpulse.body.gas import CATHETERS
from plans import outcome_of


@pytest.mark.parametrize("size", CATHETERS)
def test_onset_and_t90_are_those_of_the_table(size, record_property):
    onset, empty = times_of(outcome_of("hf-shock", size=size))
    record_property(f"{size}: onset and T90, ms", f"{onset:.1f} and {empty:.1f}")
    assert onset == pytest.approx(CATHETERS[size].onset_ms, abs=WITHIN_MS)
    assert empty == pytest.approx(CATHETERS[size].empty_ms, abs=WITHIN_MS)
    assert T90_MS[0] <= empty <= T90_MS[1]


@pytest.fixture(scope="module")
def shapes():
    """No console watches the gas here: it would stop the pump, and what is looked at is the wave."""
    outcomes = {fault: outcome_of("hf-shock", hardware=hardware, console={"gas_watched": 0}) for fault, hardware in FAULTS.items()}
    return {fault: (waveform(o), times_of(o), baselines(o)) for fault, o in outcomes.items()}


def test_overshoot_plateau_undershoot_and_baseline_come_out(shapes):
    wave = shapes["as delivered"][0]
    assert 0.0 < wave["baseline"] < 20.0
    assert wave["overshoot"] > 20.0
    assert abs(wave["plateau_over_aorta"]) < 10.0, "a limp membrane hands the aorta's pressure on"
    assert wave["undershoot"] < -10.0
    assert 30.0 < wave["filled"] <= 41.0


def test_a_leak_lowers_the_baseline_beat_by_beat(shapes):
    """Beat by beat, until the console asks for helium: then it rises at once."""
    falls = np.diff(shapes["leak"][2])
    assert np.median(falls) < -0.3
    assert (falls < 0.0).mean() > 0.7
    assert abs(np.median(np.diff(shapes["as delivered"][2]))) < 0.1


def test_a_kink_rounds_the_edges_and_empties_late(shapes):
    kinked, sound = shapes["kink"], shapes["as delivered"]
    assert kinked[1][1] > sound[1][1] + 50.0
    assert kinked[0]["filled"] < sound[0]["filled"] - 2.0


def test_overfill_raises_the_baseline(shapes):
    assert shapes["overfill"][0]["baseline"] > 20.0
    assert shapes["overfill"][1][1] > shapes["as delivered"][1][1]


def test_a_wrapped_balloon_has_a_high_plateau(shapes):
    assert shapes["wrapped"][0]["plateau"] > shapes["as delivered"][0]["plateau"] + 25.0
    assert shapes["wrapped"][0]["plateau_over_aorta"] > 25.0


def test_thin_air_moves_less_gas_through_the_same_stroke(shapes):
    assert shapes["altitude"][0]["filled"] < shapes["as delivered"][0]["filled"]


def test_a_rupture_leaves_nothing(shapes):
    assert shapes["rupture"][0]["plateau"] < shapes["as delivered"][0]["plateau"] - 25.0
    assert shapes["rupture"][0]["filled"] < 15.0
