"""When the valve closed, as an undisturbed beat shows it; what the table of the population must hold."""

import heartbeat
import numpy as np
import pytest

from counterpulse.kernel import kernel
from counterpulse.signals import closure_nets as nets
from counterpulse.signals import closure_prior as prior
from counterpulse.signals.closed import MOST_S
from counterpulse.signals.closure import TOLD_S, begin_closure, closure_predictor, closure_seen, end_closure, latest_notch_s, listen_to, predict
from counterpulse.signals.filters import thin, thinner


@kernel
def seen_along(records, signal, marks, base_s, fs, out):
    """What each beat tells of its closure once its notch has passed; nothing is taught."""
    c, t = records
    beat, told = -1, 1
    for i in range(signal.shape[0]):
        if beat + 1 < marks.shape[0] and i >= marks[beat + 1] + 0.03 * fs:
            end_closure(c, c.closes_s, False)
            beat += 1
            told = 0
            begin_closure(c, base_s, 0.046, 0.0)
        if thin(t, signal[i]) and beat >= 0:
            age = (i - 0.5 * (t.every - 1) - marks[beat]) / fs
            predict(c, t.total, age)
            if told == 0 and age > latest_notch_s(c) + TOLD_S:
                told = 1
                out[beat] = closure_seen(c)


def told(fs, base_s=0.346, source=0, seconds=30, noise=0.0, second_mmHg=0.0):
    times = heartbeat.beat_times(seconds, 0.8, 0.05)
    closes = heartbeat.close_s(np.diff(times, prepend=times[0] - 0.8))
    marks, out = np.round(times * fs).astype(np.int64), np.full(len(times), np.nan)
    c = closure_predictor(fs)
    listen_to(c, source)
    signal = heartbeat.pressure(times, seconds, fs, noise=noise)
    for shut in times + closes:
        heartbeat.add(signal, fs, shut + 0.16, 0.02, second_mmHg)
    seen_along((c, thinner(fs)), signal, marks, base_s, fs, out)
    return out[2:-1], closes[2:-1]


@pytest.mark.parametrize("fs", [125.0, 250.0, 1000.0])
def test_closure_is_seen_near_where_it_was_and_follows_it(fs):
    seen, closes = told(fs)
    assert np.std(seen - closes) < 0.006
    assert abs(np.mean(seen - closes)) < 0.015


def test_a_wrong_expectation_does_not_move_what_is_seen():
    early, late = told(250.0, base_s=0.31)[0], told(250.0, base_s=0.38)[0]
    assert np.allclose(early, late, atol=0.002)


def test_a_heart_that_ejects_far_shorter_than_people_do_shows_its_first_fall():
    """110 ms short of the population's, with a second fall 160 ms after the first."""
    seen, closes = told(250.0, base_s=0.456, second_mmHg=-6.0)
    assert abs(np.mean(seen - closes)) < 0.015
    assert np.abs(seen - closes).max() < 0.03


def test_a_beat_under_way_at_switch_on_teaches_nothing():
    fs = 250.0
    times = heartbeat.beat_times(5, 0.8)
    marks, out = np.round(times * fs).astype(np.int64)[:1], np.full(1, np.nan)
    late = int(0.3 * fs)  # switched on 200 ms before the R wave: nothing to look back to
    seen_along((closure_predictor(fs), thinner(fs)), heartbeat.pressure(times, 5, fs)[late:], marks - late, 0.346, fs, out)
    assert (out == -1.0).all()


def test_no_fall_no_closure():
    fs = 250.0
    marks, out = np.arange(1, 9) * 200, np.full(8, np.nan)
    c = closure_predictor(fs)
    seen_along((c, thinner(fs)), np.full(2000, 80.0), marks, 0.346, fs, out)
    assert (out[np.isfinite(out)] == -1.0).all()
    assert np.isfinite(out).any()


def test_another_source_begins_with_its_own_weights():
    c = closure_predictor(250.0)
    root = np.array(c.weights)
    listen_to(c, 2)
    assert c.source == 2
    assert not np.array_equal(root, c.weights)
    assert np.allclose(c.weights, prior.MEAN[2])


def test_the_table_is_whole_and_of_a_size_that_can_be():
    """No weight moves closure by more than 40 ms per scale; the directions are SDs of patients, smaller than that; noise is there."""
    assert (prior.SCALE > 0.0).all()
    assert np.abs(prior.MEAN).max() < 0.04
    assert np.abs(prior.WAYS).max() < 0.04
    assert (prior.NOISE[:, 0] > 0.005).all()


def test_the_net_of_the_mark_says_little_of_a_usual_beat_and_no_more_than_can_be_of_any():
    r = np.random.default_rng(1)
    inputs = np.r_[np.zeros((1, nets.MARK_INPUTS)), r.standard_normal((500, nets.MARK_INPUTS))]
    bent = inputs @ nets.MARK_LAYER[:-1] + nets.MARK_LAYER[-1]
    says = (bent / (1.0 + np.abs(bent))) @ nets.MARK_OUT[:-1] + nets.MARK_OUT[-1]
    assert (nets.MARK_SCALE > 0.0).all()
    assert abs(says[0]) < 0.02
    assert np.quantile(np.abs(says), 0.8) < MOST_S
