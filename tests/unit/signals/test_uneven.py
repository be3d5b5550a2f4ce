"""Closure told in an uneven rhythm: near the truth once the offset is learned, whatever the beats before were; nothing of it in an even one."""

import heartbeat
import numpy as np
import pytest

from counterpulse.kernel import kernel
from counterpulse.signals import closure_nets as nets
from counterpulse.signals.closure import begin_closure, closure_predictor, end_closure, forget_closures, listen_to, predict
from counterpulse.signals.filters import thin, thinner

BASE_S, AHEAD_S = 0.346, 0.046


@kernel
def stream(records, signal, truth, how, said):
    """Each beat is taught its closure when the next begins; `said`: what was decided on. `how`: rate, taught beats, uneven."""
    c, t = records
    marks, closes = truth
    fs, taught, uneven = how
    beat = -1
    for i in range(signal.shape[0]):
        if beat + 1 < marks.shape[0] and i >= marks[beat + 1] + 0.03 * fs:
            if beat >= 0:
                said[beat] = c.decided_s
                end_closure(c, closes[beat] if beat < taught else c.closes_s, beat < taught)
            beat += 1
            c.uneven = uneven
            if beat > 1:
                c.rr_s, c.rr_before_s = (marks[beat] - marks[beat - 1]) / fs, (marks[beat - 1] - marks[beat - 2]) / fs
            begin_closure(c, BASE_S, AHEAD_S, 0.25)
        if thin(t, signal[i]) and beat >= 0:
            predict(c, t.total, (i - 0.5 * (t.every - 1) - marks[beat]) / fs)


def told(fs=250.0, taught=20, later_s=0.0, spoil=None, source=0):
    """What was decided on less when the valve closed, of the beats after those taught; lessons come `later_s` late."""
    times = heartbeat.beat_times(60, 0.8, 0.2)
    closes = heartbeat.close_s(np.diff(times, prepend=times[0] - 0.8))
    marks, signal = np.round(times * fs).astype(np.int64), heartbeat.pressure(times, 60, fs)
    closes = closes + times - marks / fs  # counted from the sample that is the mark, as the predictor counts
    if spoil is not None:
        signal = spoil(signal)
    c, said = closure_predictor(fs), np.full(len(times), np.nan)
    listen_to(c, source)
    stream((c, thinner(fs)), signal, (marks, closes + later_s), (fs, taught, 1), said)
    return c, (said - closes)[max(taught, 3) : -1]


@pytest.mark.parametrize("fs", [125.0, 250.0, 360.0, 1000.0])
def test_told_near_closure_whatever_the_rhythm(fs):
    _, error = told(fs)
    assert np.isfinite(error).all()
    assert abs(np.mean(error)) < 0.012
    assert np.std(error) < 0.012


def test_lessons_move_the_offset_and_forgetting_takes_it_back():
    plain, late = told(), told(later_s=0.01)
    assert 0.004 < np.mean(late[1]) - np.mean(plain[1]) < 0.02
    assert late[0].offset_s > plain[0].offset_s
    assert late[0].offset_var < closure_predictor(250.0).offset_var
    forget_closures(late[0])
    assert late[0].offset_s == 0.0


@pytest.mark.parametrize("spoil", [lambda x: np.full(len(x), 80.0), lambda x: 90.0 + 60.0 * np.random.default_rng(1).standard_normal(len(x))])
def test_survives_what_is_no_pulse(spoil):
    c, error = told(spoil=spoil)
    assert np.isfinite(c.closes_s)
    assert np.isfinite(c.offset_s)
    assert abs(c.closes_s - BASE_S) < 0.12
    assert len(error)


def test_the_net_says_little_of_a_usual_beat():
    bent = nets.LAYER[-1] / (1.0 + np.abs(nets.LAYER[-1]))
    assert (nets.SCALE > 0.0).all()
    assert abs(bent @ nets.OUT[:-1] + nets.OUT[-1]) < 0.03
    assert 0.002 < nets.SPREAD_S < 0.02
