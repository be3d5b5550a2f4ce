"""Marks of channels: causal, slice-invariant, alive after losses, alike at all rates, and lower for what is worse."""

import copy

import heartbeat
import numpy as np
import pytest

from counterpulse.kernel import kernel
from counterpulse.signals.grade import Flaw, ecg_grade, grade, pressure_grade


@kernel
def stream(q, signal, scores):
    for i in range(signal.shape[0]):
        grade(q, signal[i], 0)
        scores[i] = q.score


def marks(q, signal):
    scores = np.zeros(len(signal))
    stream(q, signal, scores)
    return scores


def channel(kind, seconds, fs, rr=0.8, noise=None):
    times = heartbeat.beat_times(seconds, rr, 0.05)
    make = heartbeat.ecg if kind == "ecg" else heartbeat.pressure
    return make(times, seconds, fs) if noise is None else make(times, seconds, fs, noise=noise)


def begin(kind, fs, place=0):
    return ecg_grade(fs, place) if kind == "ecg" else pressure_grade(fs, place)


KINDS = pytest.mark.parametrize("kind", ["ecg", "pressure"])
EACH_RATE = pytest.mark.parametrize("fs", [125.0, 250.0, 360.0, 500.0, 1000.0])


@KINDS
@EACH_RATE
@pytest.mark.parametrize("rr", [0.45, 0.8, 1.4])
def test_a_plain_channel_is_good(kind, fs, rr):
    q = begin(kind, fs)
    scores = marks(q, channel(kind, 20, fs, rr))
    assert scores[int(12 * fs) :].min() > 0.6
    assert q.flaw == Flaw.NONE


@KINDS
@EACH_RATE
def test_causal_and_slices_change_nothing(kind, fs):
    a = channel(kind, 12, fs)
    b = a.copy()
    half = int(7.3 * fs)
    b[half:] = np.random.default_rng(5).standard_normal(len(b) - half) * 50
    whole, part = begin(kind, fs, 3), begin(kind, fs, 3)
    scores = marks(whole, a)
    assert np.array_equal(scores[:half], marks(begin(kind, fs, 3), b)[:half])
    pieces = []
    rest = a
    for n in (1, 7, 500, 13):
        part = copy.deepcopy(part)
        pieces.append(marks(part, rest[:n]))
        rest = rest[n:]
    assert np.array_equal(scores, np.concatenate([*pieces, marks(part, rest)]))
    assert whole.tobytes() == part.tobytes()
    assert whole.nbytes < 2048


@KINDS
@pytest.mark.parametrize(("hurt", "flaw"), [(np.nan, Flaw.MISSING), (np.inf, Flaw.MISSING), (0.2, Flaw.FLAT), (None, Flaw.RAIL)])
def test_a_loss_is_zero_at_once_and_recovers(kind, hurt, flaw):
    fs = 250.0
    signal = channel(kind, 30, fs)
    signal[int(10 * fs) : int(14 * fs)] = (5.0 if kind == "ecg" else 300.0) if hurt is None else hurt
    q = begin(kind, fs)
    scores = marks(q, signal[: int(14 * fs)])
    assert (scores[-1], q.flaw) == (0.0, flaw)
    assert marks(q, signal[int(14 * fs) :])[-1] > 0.6


@KINDS
def test_more_noise_is_never_better(kind):
    levels = (0.01, 0.1, 0.3, 1.0) if kind == "ecg" else (0.1, 3.0, 8.0, 30.0)
    typical = [float(np.median(marks(begin(kind, 250.0), channel(kind, 30, 250.0, noise=level))[2500:])) for level in levels]
    assert typical == sorted(typical, reverse=True)
    assert typical[0] > 0.8
    assert typical[-1] < 0.1


def test_a_taller_lead_is_better_and_noise_alone_is_nothing():
    plain = channel("ecg", 20, 250.0)
    assert marks(ecg_grade(250.0), 0.12 * plain)[-1] < marks(ecg_grade(250.0), 0.18 * plain)[-1] < marks(ecg_grade(250.0), plain)[-1]
    noise = np.random.default_rng(1).standard_normal(5000)
    assert marks(ecg_grade(250.0), noise)[750:].max() < 0.1
    assert marks(pressure_grade(250.0), 80 + 5 * noise)[750:].max() < 0.1


def test_a_flush_and_a_zeroing_are_no_pressure():
    signal = channel("pressure", 30, 250.0)
    flush, zero = signal.copy(), signal.copy()
    flush[4000:4500] = 250 + np.random.default_rng(2).standard_normal(500)
    zero[4000:5000] = np.random.default_rng(2).standard_normal(1000)
    assert marks(pressure_grade(250.0), flush)[4100:4500].max() < 0.3
    assert marks(pressure_grade(250.0), zero)[4900] < 0.1


def test_the_blocks_of_a_lead_stand_ranked():
    q = ecg_grade(250.0)
    for signal in (channel("ecg", 12.0, 250.0), np.full(500, np.nan), channel("ecg", 7.0, 250.0, noise=0.2)):  # a loss in between keeps old blocks
        marks(q, signal)
        assert np.array_equal(q.ranked, np.sort(q.steps))
