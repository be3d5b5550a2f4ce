"""Beats from waves: where an ejection starts and ends, and what a beat's numbers mean."""

import numpy as np
import pytest

from counterpulse.bed.beats import crossings, cycles, ejections, loop_area, site_delay
from counterpulse.bed.channels import NAMES, Wave

MS = 0.001


def wave_of(beat, **signals):
    values = np.zeros((len(beat), len(NAMES)))
    for name, signal in signals.items():
        values[:, NAMES.index(name)] = signal
    return Wave(values, np.asarray(beat), MS)


def half_sine(length, height):
    return height * np.sin(np.pi * np.arange(length) / length)


def test_crossings_are_found_between_samples():
    t = np.arange(1000)
    flow = np.where((t >= 100) & (t < 400), half_sine(300, 400.0)[np.clip(t - 100, 0, 299)], -2.0)
    (opens, closes), *rest = crossings(flow, MS)
    assert not rest
    assert opens == pytest.approx(101, abs=1)
    assert closes == pytest.approx(399.5, abs=1)


def test_a_flutter_of_the_leaflets_is_no_ejection():
    flow = np.full(500, -1.0)
    flow[100:150] = 30.0
    assert crossings(flow, MS) == []


def test_an_ejection_that_pauses_is_one_beat():
    """A reflected wave may stop the flow halfway through systole; the heart has contracted once."""
    flow = np.full(3000, -1.0)
    for start in (200, 1200, 2200):
        flow[start : start + 150] = half_sine(150, 400.0) + 2.0
        flow[start + 180 : start + 300] = 60.0
    beat = np.zeros(3000, int)
    for qrs in (120, 1120, 2120):
        beat[qrs:] += 1
    found = cycles(wave_of(beat, aortic=flow))
    assert [(cycle.opens, cycle.ends) for cycle in found] == [(200, 1200), (1200, 2200)]
    assert [cycle.closes for cycle in found] == [pytest.approx(500, abs=1), pytest.approx(1500, abs=1)]


def test_an_ejection_that_begins_before_its_qrs_is_a_beat_of_its_own():
    """A balloon that empties while the artery is low opens the valve: flow begins before the QRS, and most of it comes after."""
    flow, beat = np.full(3000, -1.0), np.zeros(3000, int)
    for start, qrs in ((200, 120), (1090, 1120), (2200, 2120)):
        flow[start : start + 300] = half_sine(300, 400.0) + 2.0
        beat[qrs:] += 1
    found = ejections(wave_of(beat, aortic=flow))
    assert [round(opens) for opens, _ in found] == [200, 1090, 2200]


def test_the_work_of_a_square_loop_is_its_area():
    volume = np.array([50.0, 120.0, 120.0, 50.0])
    pressure = np.array([10.0, 10.0, 110.0, 110.0])
    assert loop_area(volume, pressure) == pytest.approx(7000.0)
    assert loop_area(volume[::-1], pressure[::-1]) == pytest.approx(-7000.0)


def test_the_delay_of_a_site_is_that_of_its_foot():
    t = np.arange(4000)
    foot = lambda at: 70.0 + 40.0 * np.clip((t % 1000 - at) / 100.0, 0.0, 1.0)  # noqa: E731
    opens = [200, 1200, 2200]
    assert site_delay(foot(280), opens, MS) == pytest.approx(80, abs=2)
