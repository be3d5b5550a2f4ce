"""What the fall so far tells of closure: near the truth where it has begun, only "later" where it has not, nothing of what was never seen before."""

import heartbeat
import numpy as np
import pytest

from counterpulse.kernel import kernel
from counterpulse.signals.closure import begin_assist, begin_closure, closure_predictor, end_closure, predict
from counterpulse.signals.fall import LEAST_LESSONS, hear_fall
from counterpulse.signals.filters import thin, thinner

BASE_S, AHEAD_S, SEEN_S = 0.346, 0.046, 0.12


@kernel
def heard_along(records, signal, truth, fs, plan, out):
    """Teach the first beats once they are over; of the others keep what is told `cut_s` before they close, and its variance."""
    c, t = records
    marks, closes = truth
    taught, cut_s = plan
    beat = -1
    for i in range(signal.shape[0]):
        if beat + 1 < marks.shape[0] and i >= marks[beat + 1] + 0.03 * fs:
            end_closure(c, c.closes_s, False)
            beat += 1
            begin_closure(c, BASE_S, AHEAD_S, 0.0)
        if thin(t, signal[i]) and beat >= 0:
            age = (i - 0.5 * (t.every - 1) - marks[beat]) / fs
            predict(c, t.total, age)
            if beat < taught:
                if c.open_beat != 0 and age > closes[beat] + SEEN_S:
                    end_closure(c, closes[beat], True)
            elif c.told == 0 and age > closes[beat] - cut_s:
                c.decided_s = closes[beat] + out[beat, 2]
                hear_fall(c)
                out[beat, 0] = c.told_s - closes[beat]
                out[beat, 1] = c.told_var


def heard(cut_s, fs=250.0, taught=10, spoil=None, wrong_s=0.0):
    """Errors of what was told and variances, beat by beat; the prediction is `wrong_s` off."""
    times = heartbeat.beat_times(40, 0.8, 0.05)
    closes = heartbeat.close_s(np.diff(times, prepend=times[0] - 0.8))
    marks, signal = np.round(times * fs).astype(np.int64), heartbeat.pressure(times, 40, fs)
    if spoil is not None:
        signal[marks[taught] :] = spoil(signal[marks[taught] :])
    out = np.zeros((len(times), 3))
    out[:, 2] = wrong_s
    c = closure_predictor(fs)
    heard_along((c, thinner(fs)), signal, (marks, closes), fs, (taught, cut_s), out)
    return out[taught:-1, 0], out[taught:-1, 1]


@kernel
def assist(c):
    begin_assist(c)


@pytest.mark.parametrize("fs", [125.0, 250.0, 360.0, 1000.0])
@pytest.mark.parametrize("wrong_s", [-0.012, 0.012])
def test_a_fall_that_has_begun_tells_closure_whatever_was_predicted(fs, wrong_s):
    error, var = heard(0.004, fs, wrong_s=wrong_s)
    assert (var > 0.0).mean() > 0.9
    assert abs(np.mean(error[var > 0.0])) < 0.004
    assert np.std(error[var > 0.0]) < 0.006


def test_before_the_fall_it_is_no_more_than_later():
    """90 ms before closure nothing that is told can be narrow, and none of it says that the valve has closed by then."""
    error, var = heard(0.09)
    narrow = (var > 0.0) & (var < 0.008**2)
    assert narrow.mean() < 0.1
    assert (error[var > 0.0] > -0.09).all()


def test_nothing_without_lessons_enough():
    assert (heard(0.004, taught=LEAST_LESSONS - 1)[1] == 0.0).all()


def test_nothing_of_what_is_no_beat_of_this_heart():
    """Noise, a flat line and a line three times as high tell nothing, or next to nothing."""
    rng = np.random.default_rng(5)
    for spoil in (lambda x: x + 15.0 * rng.standard_normal(len(x)), lambda x: 3.0 * x):
        assert (heard(0.004, spoil=spoil)[1] == 0.0).mean() > 0.8
    flat = heard(0.004, spoil=lambda x: np.full(len(x), 80.0))[1]
    assert (flat[1:] == 0.0).all()


def test_what_a_heart_showed_without_a_pump_counts_as_one_lesson_under_it():
    c = closure_predictor(250.0)
    for before, after in ((0, 0), (8, 1)):
        c.falls = before
        assist(c)
        assert c.falls == after
