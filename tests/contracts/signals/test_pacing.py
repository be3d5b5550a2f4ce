"""Pacing spikes: found in the lead from 500 Hz on, cut out of it, told apart; a QRS is none; and the triggers that go by them."""

import copy

import heartbeat
import numpy as np
import pytest

from counterpulse.kernel import kernel
from counterpulse.pump.control import start_pump
from counterpulse.pump.settings import Settings, Trigger
from counterpulse.signals.pacing import Spike, captures, delay_n, learn_spikes, pacing, without_spikes
from counterpulse.signals.rwave import find_r, r_wave


@kernel
def stream(p, r, lead, clean, kinds, marks):
    for i in range(clean.shape[0]):
        clean[i] = without_spikes(p, lead[i, 0], int(lead[i, 1]))
        kinds[i] = p.spike
        if clean[i] == clean[i]:
            lag = find_r(r, clean[i])
            if lag >= 0.0:
                marks[i] = i - lag - delay_n(p)
                learn_spikes(p, p.now - int(lag + 0.5) - delay_n(p))


def along(signal, fs, flags=None, p=None, r=None):
    p = pacing(fs) if p is None else p
    clean, marks = np.zeros(len(signal)), np.full(len(signal), -1.0)
    kinds = np.zeros(len(signal), np.int64)
    lead = np.column_stack([signal, np.zeros(len(signal)) if flags is None else flags])
    stream(p, r_wave(fs) if r is None else r, lead, clean, kinds, marks)
    return p, clean, kinds, marks


def paced(times, seconds, fs, before_s, height=2.0, wide_s=0.001):
    """A heart with spikes of `wide_s` before every QRS."""
    signal = heartbeat.ecg(times, seconds, fs)
    for start in before_s:
        for r in times:
            at = int((r - start) * fs)
            signal[at : at + max(1, round(wide_s * fs))] += height
    return signal


@pytest.mark.parametrize("fs", [500.0, 1000.0])
@pytest.mark.parametrize("height", [-3.0, 0.7, 3.0])
@pytest.mark.parametrize("before_s", [(0.06,), (0.18,), (0.2, 0.05)])
def test_every_spike_is_found_once_told_apart_and_gone(fs, height, before_s):
    times = heartbeat.beat_times(30, 0.8, 0.03)
    p, clean, kinds, marks = along(paced(times, 30, fs, before_s, height), fs)
    spikes = sorted((r - s, Spike.VENTRICULAR if s < 0.12 else Spike.ATRIAL) for s in before_s for r in times)
    expected = [one for one in spikes if one[0] > 2.5]  # until then it learns what the lead's noise is
    seen = np.flatnonzero(kinds) / fs
    kinds, seen = kinds[kinds > 0][seen > 2.5], seen[seen > 2.5]
    assert len(seen) == len(expected)
    assert np.abs(seen - [at for at, _ in expected]).max() < 0.005
    late = [(kind, want) for kind, (at, want) in zip(kinds, expected, strict=True) if at > 12]
    assert np.mean([kind == want for kind, want in late]) == 1.0
    plain = heartbeat.ecg(times, 30, fs)
    apart = clean[delay_n(p) :] - plain[: len(clean) - delay_n(p)]
    assert np.abs(apart[int(3 * fs) :]).max() < 0.3  # of 3 mV; what is left is the held stretch
    r = np.sort(marks[marks > 5 * fs]) / fs
    assert np.abs(r[:, None] - times[times > 5.2][None, :]).min(axis=0).max() < 0.015


@pytest.mark.parametrize("fs", [500.0, 1000.0])
@pytest.mark.parametrize("gain", [0.3, 1.0, 3.0])
def test_a_heart_without_pacer_has_no_spikes(fs, gain):
    signal = gain * heartbeat.ecg(heartbeat.beat_times(60, 0.7, 0.1), 60, fs, noise=0.03)
    assert along(signal, fs)[2].max() == Spike.NONE


@pytest.mark.parametrize("fs", [125.0, 250.0, 360.0])
def test_below_500_hz_only_the_flag_tells(fs):
    times = heartbeat.beat_times(20, 0.8)
    signal = paced(times, 20, fs, (0.06,))
    flags = np.zeros(len(signal), np.int64)
    assert along(signal, fs)[2].max() == Spike.NONE
    flags[((times - 0.06) * fs).astype(int)] = 1
    p, clean, kinds, _ = along(signal, fs, flags)
    assert np.count_nonzero(kinds) == len(times)
    assert delay_n(p) == 0
    assert clean[int(3 * fs) :].max() < 1.3


@pytest.mark.parametrize("fs", [250.0, 1000.0])
def test_causal_slices_and_losses(fs):
    signal = paced(heartbeat.beat_times(12, 0.8), 12, fs, (0.06,))
    signal[int(5 * fs) : int(6 * fs)] = np.nan
    signal[int(6.5 * fs)] = np.inf
    whole, clean, kinds, _ = along(signal, fs)
    other = signal.copy()
    half = int(8.2 * fs)
    other[half:] = 3.0 * np.random.default_rng(1).standard_normal(len(signal) - half)
    assert np.array_equal(clean[:half], along(other, fs)[1][:half], equal_nan=True)
    part, r, pieces, at = pacing(fs), r_wave(fs), [], 0
    for n in (1, 7, 1500, len(signal)):
        part, r = copy.deepcopy(part), copy.deepcopy(r)
        pieces.append(along(signal[at : at + n], fs, p=part, r=r)[2])
        at += n
    assert np.array_equal(kinds, np.concatenate(pieces))
    assert np.isfinite(whole.usual_mV)
    assert np.isfinite(whole.good_mV)
    assert whole.nbytes < 1024


def test_spikes_without_answer_capture_nothing():
    fs = 1000.0
    signal = np.zeros(int(20 * fs))
    signal[int(2 * fs) :: int(0.8 * fs)] = 3.0
    assert not captures(along(signal, fs)[0])


@pytest.mark.parametrize(("trigger", "before_s"), [(Trigger.V_PACED, (0.2, 0.06)), (Trigger.A_PACED, (0.2, 0.06)), (Trigger.V_PACED, (0.06,))])
def test_paced_triggers_time_from_the_spike_in_the_lead(trigger, before_s):
    """No flag: the spikes in the 1 kHz lead alone; with both chambers paced each mode takes its own."""
    fs = 1000.0
    times = heartbeat.beat_times(40, 0.8, 0.03)
    rows = heartbeat.bedside(times, 40, fs)
    rows.ecg_mV[:, 0] = paced(times, 40, fs, before_s)
    valve, beats = heartbeat.along(Settings(trigger=trigger), start_pump(Settings(trigger=trigger), fs), rows)
    up, _ = heartbeat.switches(valve)
    closing = times + heartbeat.close_s(np.diff(times, prepend=times[0] - 0.8))
    closing = closing[(closing > 12) & (closing < 39)]
    counted = up[(up > 12 * fs) & (up < 38.9 * fs)]
    assert np.abs((counted[:, None] + 30) / fs - closing[None, :]).min(axis=1).max() < 0.04
    assert len(counted) >= 0.85 * len(closing)  # at first some beats are left out to see the valve close
    assert len(times) - 3 <= beats[-1] <= len(times)


def test_pacer_over_a_silent_heart_drives_nothing():
    fs = 250.0
    times = heartbeat.beat_times(40, 0.8)
    rows = heartbeat.bedside(times, 40, fs, trigger=Trigger.V_PACED)
    dead = int(15 * fs)
    rows.ecg_mV[dead:, 0] = 0.01 * np.random.default_rng(4).standard_normal(len(rows) - dead)
    rows.arterial_mmHg[dead:, 0] = 40.0
    valve, _ = heartbeat.along(Settings(trigger=Trigger.V_PACED), start_pump(Settings(trigger=Trigger.V_PACED), fs), rows)
    assert valve[dead + int(7 * fs) :].max() < 1


def test_pattern_leaves_wide_beats_out_and_peak_takes_them(monkeypatch):
    fs = 250.0
    for sd, counted in ((0.011, True), (0.032, False)):
        monkeypatch.setattr(heartbeat, "QRS_SD_S", sd)
        times = heartbeat.beat_times(30, 0.8)
        rows = heartbeat.bedside(times, 30, fs)
        for trigger in (Trigger.ECG_PATTERN, Trigger.ECG_PEAK, Trigger.AF, Trigger.ECG):
            _, beats = heartbeat.along(Settings(trigger=trigger), start_pump(Settings(trigger=trigger), fs), rows)
            assert (beats[-1] > 30) == (counted or trigger != Trigger.ECG_PATTERN), (trigger, sd)


def test_af_deflates_at_the_r_wave_whatever_is_set():
    fs = 250.0
    times = heartbeat.beat_times(40, 0.8, 0.15)
    valve, _ = heartbeat.along(Settings(trigger=Trigger.AF), start_pump(Settings(trigger=Trigger.AF), fs), heartbeat.bedside(times, 40, fs))
    _, down = heartbeat.switches(valve)
    down = down[down > 10 * fs] / fs
    before = np.searchsorted(times, down) - 1
    since, ahead, rr = down - times[before], times[before + 1] - down, np.diff(times)[before]
    at_r = (since < 0.05) | (ahead < 0.05)  # the QRS is told by its first slope, before its peak
    assert (at_r | (since > 0.4)).all()  # at the R wave, or on the schedule that stands beside it for a slow balloon
    early = rr < 0.85 * np.median(np.diff(times))
    assert early.sum() > 3
    assert at_r[early].all()
