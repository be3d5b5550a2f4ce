"""A recorded wave's patient: the line is exact, averages leave artefacts out, a simulated wave is found again, draws from a fit still show its pressures."""

import numpy as np
import pytest

from counterpulse.cohort.lanes import Look, show
from counterpulse.cohort.predict import allowed, forecast, posterior
from counterpulse.cohort.preset import load
from counterpulse.cohort.recording_fit import LINE_HIGH, LINE_LOW, rms, starts, trace
from counterpulse.cohort.waveform import POINTS, Averaged, averaged, best_shift, periodic_beat, through_line
from counterpulse.refusal import RefusalError

PHASE = np.arange(POINTS) / POINTS
WAVE = 80.0 + 20.0 * np.sin(2 * np.pi * PHASE) + 5.0 * np.cos(6 * np.pi * PHASE)


def test_a_line_delays_and_leaves_the_mean():
    late = through_line(WAVE, 0.8, 0.2, (1e4, 0.7))
    assert late.mean() == pytest.approx(80.0)
    assert late == pytest.approx(np.roll(WAVE, POINTS // 4), abs=0.05)
    assert best_shift(late, WAVE) == pytest.approx(0.25, abs=1 / POINTS)


def test_a_line_resonates_at_its_own_frequency():
    """At its natural frequency a second-order system passes 1 / (2 damping) of a wave, a quarter of a period late."""
    one = np.sin(2 * np.pi * PHASE)
    assert np.abs(through_line(one, 0.1, 0.0, (10.0, 0.25))).max() == pytest.approx(2.0, rel=1e-3)


def stretch(beats=20, fs=250.0, rr=0.8):
    r = 0.1 + rr * np.arange(beats + 1)
    t = np.arange(int((beats + 1) * rr * fs)) / fs
    return np.interp(((t - 0.1) / rr) % 1.0, np.append(PHASE, 1.0), np.append(WAVE, WAVE[0])), r, fs


def test_an_average_is_the_beat_and_leaves_a_flush_and_gaps_out():
    pressure, r, fs = stretch()
    pressure[1000:1100] = 299.0
    pressure[2000:2010] = np.nan
    beat = averaged(pressure, r, fs)
    assert beat.wave == pytest.approx(WAVE, abs=0.5)
    assert 15 <= beat.beats < 20
    assert beat.rr_s == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda p, r: (p, r[:4]), "at least 8"),
        (lambda p, r: (np.full_like(p, np.nan), r), "readable pressure"),
        (lambda p, r: (80.0 + 0.1 * (p - 80.0), r), "pulses by"),
    ],
)
def test_no_steady_stretch_is_said(spoil, words):
    pressure, r, fs = stretch()
    with pytest.raises(RefusalError, match=words):
        averaged(*spoil(pressure, r), fs)


def test_too_few_unassisted_beats_are_said():
    pressure, r, fs = stretch()
    with pytest.raises(RefusalError, match="A pump is running"):
        averaged(pressure, r, fs, np.arange(20) < 3)


def test_a_simulated_wave_is_found_again():
    patient = load("chronic-hf").patient
    shown = show(np.array([patient]), Look("radial", kept_s=3.0))
    rr = 60.0 / float(patient.heart_rate_per_min)
    bare = periodic_beat(shown.waves[0].radial, shown.waves[0].beat, shown.waves[0].sample_s, rr)
    recorded = through_line(bare, rr, 0.12, (12.0, 0.3))
    found = trace(Averaged(recorded, rr, 30, 30, 0.02, 1.0), "radial", "hf-shock")
    assert found.rms_mmHg < 1.0
    assert rms(found.wave, recorded) == found.rms_mmHg
    assert found.line["delay_s"] == pytest.approx(0.12, abs=0.03)
    assert found.doubts == []
    assert "rv_ees_mmHg_mL" in found.undetermined


def test_a_wave_at_another_beats_place_finds_no_line_that_late():
    patient = load("hf-shock").patient
    shown = show(np.array([patient]), Look("radial", kept_s=3.0))
    rr = 60.0 / float(patient.heart_rate_per_min)
    bare = periodic_beat(shown.waves[0].radial, shown.waves[0].beat, shown.waves[0].sample_s, rr)
    found = trace(Averaged(through_line(bare, rr, 0.36, (18.0, 0.4)), rr, 30, 30, 0.02, 1.0), "radial", "hf-shock")
    assert LINE_LOW[0] <= found.line["delay_s"] <= LINE_HIGH[0]
    assert "another beat's place" in " ".join(found.doubts)


def test_the_search_begins_with_hearts_of_like_pressure_and_rate():
    low = Averaged(36.0 + 0.3 * (WAVE - 80.0), 0.49, 30, 30, 0.02, 1.0)
    assert "myocarditis" in [preset.name for preset in starts(low)]
    assert "high-risk-pci" not in [preset.name for preset in starts(low)]
    assert "healthy" in [preset.name for preset in starts(Averaged(WAVE + 15.0, 0.86, 30, 30, 0.02, 1.0))]


def test_draws_from_a_fit_show_its_pressures():
    patient = load("hf-shock").patient
    names, wide = ("systemic_resistance_mmHg_s_mL", "blood_volume_mL"), np.diag([0.05**2, 0.03**2])
    rows = allowed(patient, names, wide, 4, "radial")
    means = show(rows, Look("radial")).means
    assert all(abs(mean["map_mmHg"] - means[0]["map_mmHg"]) < 6.5 for mean in means)
    told = forecast(rows, "radial", {})
    assert told.change["end_diastolic_mmHg"][1] < -5.0
    low, middle, high = told.without["map_mmHg"]
    assert low < middle < high


def test_a_posterior_of_another_size_is_refused():
    with pytest.raises(RefusalError, match="free fields"):
        posterior(load("hf-shock").patient, ("blood_volume_mL",), np.eye(3), 4)
