"""What the bedside shows: lines against the analytic second-order system, errors, artefacts, faults."""

import math

import numpy as np
import pytest

from counterpulse.body.beat import Beat
from counterpulse.body.monitor import BAG_mmHg, Truth, adjust, show, start_monitor, to_steps
from counterpulse.body.patient import Patient, resting_tone
from counterpulse.body.rhythm import advance, start_beat
from counterpulse.refusal import RefusalError
from counterpulse.signals.sample import Sample, Source

RADIAL = int(Source.RADIAL)


def truth(p, balloon=0.0):
    return Truth(float(p), float(p), float(p), float(p), float(balloon), 0.0)


def pressures(monitor, values, source=RADIAL):
    """Shown pressures of one source for a list of true ones."""
    beat, sample, shown = Beat(), Sample(), []
    for value in values:
        show(monitor, beat, truth(value), sample)
        shown.append(float(sample.arterial_mmHg[source]))
    return np.array(shown)


def fine(fs_hz=1000.0, **settings):
    monitor = start_monitor(1, fs_hz)
    adjust(monitor, "pressure_steps_per_mmHg", 4096.0)
    for name, value in settings.items():
        adjust(monitor, name, value)
    return monitor


def watch_ecg(seconds=5.0, fs_hz=500.0, settings=None, **patient):
    """Leads, lead-off flags and spike flags along a patient's clock."""
    who = Patient(**patient)
    tone, beat, monitor, sample = resting_tone(who), start_beat(who), start_monitor(3, fs_hz), Sample()
    for name, value in (settings or {}).items():
        adjust(monitor, name, value)
    leads, spikes = [], []
    for _ in range(round(seconds * fs_hz)):
        advance(who, tone, beat, 1 / fs_hz)
        show(monitor, beat, truth(90), sample)
        leads.append(np.array(sample.ecg_mV))
        spikes.append((int(sample.pacer_spike), int(beat.spike), int(beat.number)))
    return np.array(leads), np.array(spikes), sample


@pytest.mark.parametrize("fs_hz", [125.0, 250.0, 1000.0])
@pytest.mark.parametrize(("natural_Hz", "damping"), [(12.0, 0.15), (20.0, 0.35), (8.0, 0.6), (10.0, 1.0), (10.0, 1.0001), (5.0, 2.5), (150.0, 0.7)])
def test_line_answers_a_ramp_of_one_sample_as_the_equation_does(fs_hz, natural_Hz, damping):
    monitor = fine(fs_hz, natural_Hz=natural_Hz, damping=damping)
    shown = pressures(monitor, [50.0] * 5 + [150.0] * round(fs_hz / 2))[5:]
    w, steps = 2 * np.pi * natural_Hz, 64  # the same equation in small steps: classical Runge-Kutta
    h, state, expected = 1 / fs_hz / steps, np.array([50.0, 0.0]), []

    def slope(s, u):
        return np.array([s[1], w * w * (u - s[0]) - 2 * damping * w * s[1]])

    for k in range(len(shown)):
        for j in range(steps):
            u = [50.0 + 100.0 * min(1.0, (k * steps + j + part) / steps) for part in (0.0, 0.5, 1.0)]
            a = slope(state, u[0])
            b = slope(state + h / 2 * a, u[1])
            c = slope(state + h / 2 * b, u[1])
            d = slope(state + h * c, u[2])
            state = state + h / 6 * (a + 2 * b + 2 * c + d)
        expected.append(state[0])
    assert np.abs(shown - expected).max() < 0.01


@pytest.mark.parametrize(("natural_Hz", "damping"), [(10.0, 0.1), (15.0, 0.25), (20.0, 0.4)])
def test_overshoot_and_ringing_are_those_of_the_second_order_system(natural_Hz, damping):
    shown = pressures(fine(natural_Hz=natural_Hz, damping=damping), [50.0] * 5 + [150.0] * 1000)[5:]
    peak = int(shown.argmax())
    overshoot = math.exp(-math.pi * damping / math.sqrt(1 - damping**2))
    assert (shown[peak] - 150) / 100 == pytest.approx(overshoot, abs=0.006)
    below = shown < 150
    up = np.flatnonzero(below[:-1] & ~below[1:])
    assert 1000 / (up[1] - up[0]) == pytest.approx(natural_Hz * math.sqrt(1 - damping**2), rel=0.02)
    assert shown[-1] == pytest.approx(150, abs=0.25)  # exp(-z w 1 s) is 0.2 % at the slowest


def test_a_steady_pressure_comes_through_unchanged():
    assert (pressures(start_monitor(1, 250.0), [93.0] * 500) == 93.0).all()


def test_zero_and_level_errors_add():
    monitor = start_monitor(1, 500.0)
    adjust(monitor, "zero_mmHg", 5.0, RADIAL)
    adjust(monitor, "level_cm", 10.0, RADIAL)
    assert pressures(monitor, [90.0] * 10)[-1] == pytest.approx(90 + 5 + 7.356, abs=0.07)
    assert pressures(monitor, [90.0] * 10, int(Source.ROOT))[-1] == 90.0


def test_steps_are_whole_and_rounding_twice_changes_nothing():
    shown = pressures(start_monitor(1, 500.0), 90 + 30 * np.sin(np.arange(2000) / 50))
    assert (shown * 8 == np.round(shown * 8)).all()
    for value in (-3.3, 0.0, 0.06251, 118.99, 299.999):
        for per_unit in (8.0, 10.0, 3.0):
            once = to_steps(value, per_unit, 1 / per_unit)
            assert to_steps(once, per_unit, 1 / per_unit) == once
            assert abs(once - value) <= 0.5 / per_unit + 1e-12


def test_flush_goes_to_the_rail_and_rings_when_released():
    monitor = fine(natural_Hz=15.0, damping=0.2)
    pressures(monitor, [90.0] * 100)
    adjust(monitor, "flush", 1, RADIAL)
    assert pressures(monitor, [90.0] * 1000)[-1] == pytest.approx(BAG_mmHg, abs=0.01)
    adjust(monitor, "flush", 0, RADIAL)
    after = pressures(monitor, [90.0] * 2000)
    assert after.min() == pytest.approx(90 - 210 * math.exp(-math.pi * 0.2 / math.sqrt(0.96)), abs=1.0)
    assert (np.diff(np.sign(after - 90)) != 0).sum() > 4
    assert after[-1] == pytest.approx(90.0, abs=0.01)


def test_disconnection_shows_nothing_and_comes_back_without_ringing():
    monitor = start_monitor(1, 500.0)
    pressures(monitor, [80.0] * 50)
    adjust(monitor, "connected", 0, RADIAL)
    assert np.isnan(pressures(monitor, [80.0] * 50)).all()
    adjust(monitor, "connected", 1, RADIAL)
    assert (pressures(monitor, [80.0] * 50) == 80.0).all()


def test_a_true_pressure_that_is_missing_does_not_poison_the_line():
    monitor = start_monitor(1, 500.0)
    assert np.isnan(pressures(monitor, [math.nan] * 5)).all()
    assert (pressures(monitor, [80.0] * 5) == 80.0).all()
    assert np.isnan(pressures(monitor, [math.nan] * 5)).all()
    assert pressures(monitor, [80.0] * 100)[-1] == 80.0


def test_changing_a_line_makes_no_jump():
    monitor = fine()
    before = pressures(monitor, 90 + 30 * np.sin(np.arange(500) / 80))[-1]
    adjust(monitor, "natural_Hz", 6.0, RADIAL)
    adjust(monitor, "damping", 1.5, RADIAL)
    after = pressures(monitor, 90 + 30 * np.sin(np.arange(500, 520) / 80))
    assert abs(after[0] - before) < 0.6


def test_saturation_and_the_balloon_transducer():
    monitor = start_monitor(1, 500.0)
    assert pressures(monitor, [900.0] * 200)[-1] == 300.0
    assert pressures(monitor, [-900.0] * 400)[-1] == -50.0
    sample = Sample()
    adjust(monitor, "balloon_zero_mmHg", 2.0)
    show(monitor, Beat(), truth(90, balloon=-33.4), sample)
    assert sample.balloon_mmHg == -31.375
    adjust(monitor, "balloon_connected", 0)
    show(monitor, Beat(), truth(90, balloon=-33.4), sample)
    assert math.isnan(sample.balloon_mmHg)


def test_noise_has_the_set_size_and_no_mean():
    monitor = fine()
    adjust(monitor, "noise_mmHg", 2.0, RADIAL)
    shown = pressures(monitor, [90.0] * 20000)
    assert shown.std() == pytest.approx(2.0, rel=0.03)
    assert shown.mean() == pytest.approx(90.0, abs=0.08)
    leads, _, _ = watch_ecg(40.0, settings={"noise_mV": 0.2, "wander_mV": 0.0}, rhythm=5)
    assert leads.std(axis=0) == pytest.approx([0.2] * 3, rel=0.03)
    assert abs(np.corrcoef(leads.T) - np.eye(3)).max() < 0.03


def test_one_r_wave_per_beat_and_the_same_heart_in_three_leads():
    leads, marks, _ = watch_ecg(20.0, rr_variability=0.0)
    tall = leads[:, 0] > 0.6
    assert (np.diff(tall.astype(int)) == 1).sum() == marks[-50, 2]  # the last may not have peaked yet
    assert leads.max(axis=0)[1] > leads.max(axis=0)[0] > leads.max(axis=0)[2] > 0.3


def test_t_wave_moves_with_the_root_of_rr():
    def qt_peak(rate):
        leads, marks, _ = watch_ecg(20.0, 1000.0, {"wander_mV": 0.0}, heart_rate_per_min=rate, rr_variability=0.0)
        begin = np.flatnonzero(np.diff(marks[:, 2]))[5]
        return leads[begin + 150 : begin + 500, 0].argmax() + 150

    assert qt_peak(60) / qt_peak(100) == pytest.approx(math.sqrt(100 / 60), rel=0.03)


def test_the_electrocardiogram_never_jumps_but_for_spikes():
    for values in ({"ectopics_per_min": 20.0}, {"rhythm": 1, "rr_variability": 0.3}, {"rhythm": 4}, {"heart_rate_per_min": 190.0, "ectopics_per_min": 15.0}):
        leads, _, _ = watch_ecg(60.0, **values)
        assert np.abs(np.diff(leads, axis=0)).max() < 0.4  # R wave's flank: 1.45 mV in 10 ms


def test_lead_off_is_nan_and_flagged():
    leads, _, sample = watch_ecg(1.0, settings={"lead_off": 1})
    assert np.isnan(leads).all()
    assert list(sample.lead_off) == [1, 1, 1]
    monitor, sample = start_monitor(1, 500.0), Sample()
    adjust(monitor, "lead_off", 1, 1)
    show(monitor, Beat(), truth(90), sample)
    assert list(sample.lead_off) == [0, 1, 0]
    assert list(np.isnan(sample.ecg_mV)) == [False, True, False]


def test_pacing_spikes_are_seen_and_flagged():
    leads, marks, _ = watch_ecg(10.0, rhythm=3)
    assert (marks[:, 0] == marks[:, 1]).all()
    assert marks[:, 0].sum() > 20
    assert (leads[marks[:, 0] == 1, 0] > 2.5).all()
    _, marks, _ = watch_ecg(5.0, settings={"spike_flag": 0}, rhythm=3)
    assert marks[:, 0].sum() == 0


def test_cautery_comes_in_bursts_to_the_rail():
    leads, _, _ = watch_ecg(40.0, settings={"cautery": 1})
    swamped = (np.abs(leads[:, 0]) == 5.0).reshape(-1, 250).mean(axis=1)
    assert 0.5 < (swamped > 0.1).mean() < 0.9
    assert (swamped[swamped <= 0.1] <= 1 / 250).all()  # one sample at an edge


def test_mains_hum_and_compressions_and_rails():
    leads, _, _ = watch_ecg(4.0, settings={"mains_mV": 0.3, "wander_mV": 0.0}, rhythm=5)
    spectrum = np.abs(np.fft.rfft(leads[:, 0]))
    assert spectrum.argmax() == 200  # 50 Hz in 4 s
    assert leads[:, 0].std() == pytest.approx(0.3 / math.sqrt(2), rel=0.01)
    leads, _, _ = watch_ecg(2.0, settings={"gain": 5.0})
    assert leads.max() == 5.0


def test_no_qrs_in_arrest_but_chaos_in_fibrillation():
    asystole, _, _ = watch_ecg(10.0, settings={"wander_mV": 0.0}, rhythm=5)
    assert (asystole == 0).all()
    fibrillation, marks, _ = watch_ecg(20.0, rhythm=4)
    assert marks[-1, 2] == 0
    assert fibrillation[:, 0].std() > 0.15
    lag = fibrillation[1000:-1000, 0]
    again = [np.corrcoef(lag, fibrillation[1000 + k : len(fibrillation) - 1000 + k, 0])[0, 1] for k in range(250, 1000)]
    assert max(again) < 0.6  # it does not repeat


def test_wrong_settings_are_refused_in_one_sentence():
    monitor = start_monitor(1, 250.0)
    with pytest.raises(RefusalError, match=r"damping is 9; it must lie in 0.02 to 5"):
        adjust(monitor, "damping", 9.0, RADIAL)
    with pytest.raises(RefusalError, match=r"no setting 'damp'"):
        adjust(monitor, "damp", 1.0)
    with pytest.raises(RefusalError, match=r"no place 7"):
        adjust(monitor, "damping", 1.0, 7)
    with pytest.raises(RefusalError, match=r"must lie in 125 to 1000 Hz"):
        start_monitor(1, 50.0)
    with pytest.raises(RefusalError, match="nan"):
        adjust(monitor, "damping", math.nan)
