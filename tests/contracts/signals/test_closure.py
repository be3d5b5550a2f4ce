"""The predictor of closure keeps what every detector must: causal, slice-invariant, survives NaN-free nonsense and flat lines, constant memory, any rate; and it predicts."""

import copy

import heartbeat
import numpy as np
import pytest

from counterpulse.kernel import kernel
from counterpulse.signals.closure import begin_closure, closure_predictor, end_closure, forget_closures, predict
from counterpulse.signals.filters import thin, thinner

RATES = (125.0, 250.0, 360.0, 500.0, 1000.0)
BASE_S, AHEAD_S = 0.346, 0.046


@kernel
def stream(records, signal, truth, state, fs, said):
    """Each beat is taught its closure when the next begins; `said`: what is predicted AHEAD_S before the true closure. `state`: beat and sample so far."""
    c, t = records
    marks, closes = truth
    for k in range(signal.shape[0]):
        i = state[1]
        if state[0] + 1 < marks.shape[0] and i >= marks[state[0] + 1] + 0.03 * fs:
            if state[0] >= 0:
                end_closure(c, closes[state[0]], True)
            state[0] += 1
            begin_closure(c, BASE_S, AHEAD_S, 0.0)
        if thin(t, signal[k]) and state[0] >= 0:
            age = (i - 0.5 * (t.every - 1) - marks[state[0]]) / fs
            predict(c, t.total, age)
            if age <= closes[state[0]] - AHEAD_S:
                said[state[0]] = c.closes_s
        state[1] += 1


class Run:
    """A predictor with where it stands."""

    def __init__(self, fs, marks, closes):
        self.c, self.t, self.fs, self.marks, self.closes = closure_predictor(fs), thinner(fs), fs, marks, closes
        self.state, self.said = np.array([-1, 0]), np.full(len(marks), np.nan)

    def along(self, signal):
        stream((self.c, self.t), signal, (self.marks, self.closes), self.state, self.fs, self.said)
        return self


def heart(fs, seconds=60, spread=0.08):
    times = heartbeat.beat_times(seconds, 0.8, spread)
    closes = heartbeat.close_s(np.diff(times, prepend=times[0] - 0.8))
    return np.round(times * fs).astype(np.int64), closes, heartbeat.pressure(times, seconds, fs)


@pytest.mark.parametrize("fs", RATES)
def test_predicts_better_than_the_mean(fs):
    marks, closes, signal = heart(fs)
    run = Run(fs, marks, closes).along(signal)
    error = (run.said - closes)[15:-1]
    assert np.abs(error).mean() < 0.6 * np.abs(BASE_S - closes[15:-1]).mean()


def test_causal():
    fs = 250.0
    marks, closes, signal = heart(fs, 30)
    half = int(20.1 * fs)
    other = signal.copy()
    other[half:] = 90.0 + 40.0 * np.random.default_rng(3).standard_normal(len(other) - half)
    a, b = Run(fs, marks, closes).along(signal), Run(fs, marks, closes).along(other)
    before = int(np.searchsorted(marks, half)) - 1
    assert np.array_equal(a.said[:before], b.said[:before])
    assert not np.array_equal(a.said, b.said)


@pytest.mark.parametrize("fs", [360.0, 1000.0])
def test_slices_change_nothing(fs):
    marks, closes, signal = heart(fs, 20)
    whole, part, at = Run(fs, marks, closes).along(signal), Run(fs, marks, closes), 0
    for n in (1, 7, 333, 2000, len(signal)):
        part = copy.deepcopy(part).along(signal[at : at + n])
        at += n
    assert whole.c.tobytes() == part.c.tobytes()
    assert np.array_equal(whole.said, part.said, equal_nan=True)


@pytest.mark.parametrize("what", ["flat", "noise", "steps"])
def test_survives_anything_finite(what):
    fs = 250.0
    marks, closes, signal = heart(fs, 40)
    wild = {"flat": np.full(2500, 80.0), "noise": 90 + 60 * np.random.default_rng(1).standard_normal(2500), "steps": np.repeat([0.0, 300.0] * 25, 50)}[what]
    signal[2500:5000] = wild
    run = Run(fs, marks, closes).along(signal)
    assert np.isfinite(np.array(run.c.weights)).all()
    assert np.isfinite(np.array(run.c.doubt)).all()
    assert (np.abs(run.said[~np.isnan(run.said)] - BASE_S) < 0.2).all()
    assert np.abs(run.said - closes)[-12:-1].mean() < 0.03


def test_constant_memory_and_forgetting():
    fs = 250.0
    marks, closes, signal = heart(fs, 20)
    fresh, run = closure_predictor(fs), Run(fs, marks, closes).along(signal)
    assert run.c.nbytes == fresh.nbytes < 8000
    forget_closures(run.c)
    assert np.array_equal(run.c.weights, fresh.weights)
    assert np.array_equal(run.c.doubt, fresh.doubt)
