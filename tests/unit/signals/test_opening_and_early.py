"""When the valve opened, by the foot of the rise that lasts; a QRS told by its first slope."""

import heartbeat
import numpy as np
import pytest

from counterpulse.kernel import kernel
from counterpulse.signals.early import Early, forget_early, learn_early, qrs_begins
from counterpulse.signals.opening import opened_s
from counterpulse.signals.rwave import find_r, qrs_under_way, r_wave

FS = 250.0


@kernel
def opening(past, mask, now, step_s, age_s):
    return opened_s(past, mask, now, step_s, age_s)


def seen(pressure_of_age, age_s=0.16):
    """What is seen of a pressure given as a function of the time after the mark."""
    past = np.array([pressure_of_age(age_s - back / FS) for back in range(127, -1, -1)])
    return opening(past, 127, 128, 1.0 / FS, age_s)


def ejection(t, opens, height=35.0):
    return height * (1.0 - np.exp(-max(t - opens, 0.0) / 0.04))


@pytest.mark.parametrize("opens", [-0.03, 0.0, 0.03, 0.06])
def test_the_foot_is_found_wherever_the_r_wave_lies(opens):
    assert seen(lambda t: 70.0 - 15.0 * min(t, opens) + ejection(t, opens)) == pytest.approx(opens, abs=0.008)


def test_the_swing_after_a_balloon_is_no_ejection():
    """A swing of 15 mmHg that falls back before a weak ejection."""
    swing = lambda t: 15.0 * np.sin(np.pi * (t + 0.04) / 0.07) if -0.04 < t < 0.03 else 0.0  # noqa: E731
    assert seen(lambda t: 50.0 + swing(t) + ejection(t, 0.05, 25.0)) == pytest.approx(0.05, abs=0.01)


def test_no_pulse_no_opening():
    assert seen(lambda t: 70.0 - 10.0 * t) == -1.0


@kernel
def along(r, e, lead, begins, rising):
    for i in range(lead.size):
        if find_r(r, lead[i]) >= 0.0:
            learn_early(e, r)
        begins[i] = qrs_begins(e, r)
        rising[i] = qrs_under_way(r)


def told(lead):
    r, e = r_wave(FS), Early()
    begins, rising = np.zeros(lead.size, bool), np.zeros(lead.size, bool)
    along(r, e, lead, begins, rising)
    return begins, rising, e


def test_a_qrs_is_told_sooner_than_the_detector_tells_it():
    times = heartbeat.beat_times(40, 0.8)
    begins, rising, _ = told(heartbeat.ecg(times, 40, FS))
    sooner = []
    for r in times[10:-1]:
        window = slice(int((r - 0.1) * FS), int((r + 0.06) * FS))
        assert begins[window].any()
        sooner.append((np.argmax(rising[window]) - np.argmax(begins[window])) / FS)
    assert np.median(sooner) >= 0.008


def test_nothing_else_is_told_for_a_qrs():
    """P and T waves of a regular rhythm: not one sample from 0.36 s after R to 0.08 s before the next."""
    times = heartbeat.beat_times(40, 1.0)
    begins, _, _ = told(heartbeat.ecg(times, 40, FS))
    for r in times[10:-1]:
        assert not begins[int((r + 0.36) * FS) : int((r + 0.92) * FS)].any()


def test_in_noise_it_falls_silent():
    times = heartbeat.beat_times(60, 0.9)
    begins, _, _ = told(heartbeat.ecg(times, 60, FS, noise=0.5))
    between = np.concatenate([begins[int((r + 0.36) * FS) : int((r + 0.82) * FS)] for r in times[20:-1]])
    assert between.mean() < 0.01


@kernel
def forget(e):
    forget_early(e)
    return e.beats


def test_another_lead_is_learned_afresh():
    _, _, e = told(heartbeat.ecg(heartbeat.beat_times(20, 0.8), 20, FS))
    assert forget(e) == 0
