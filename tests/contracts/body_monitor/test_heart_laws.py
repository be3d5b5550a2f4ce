"""Laws of the heart's clock and the bedside, over the range of patients: bounded, without a jump, the same bits again."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterpulse.body.patient import Patient, resting_tone
from counterpulse.body.rhythm import advance, start_beat
from counterpulse.kernel import kernel


@kernel
def activations(patient, tone, beat, dt_s, seen):
    for k in range(len(seen)):
        advance(patient, tone, beat, dt_s)
        seen[k, 0], seen[k, 1], seen[k, 2] = beat.ventricular, beat.atrial, beat.intrathoracic_mmHg


def watch(seconds=60, switch=None, **values):
    patient = Patient(**values)
    tone, beat = resting_tone(patient), start_beat(patient)
    first, second = np.zeros((seconds * 500, 3)), np.zeros((seconds * 500, 3))
    activations(patient, tone, beat, 0.001, first)
    if switch is not None:
        tone.rhythm = switch
    activations(patient, tone, beat, 0.001, second)
    return np.vstack([first, second]), beat


def steepest(systole_s):
    """Largest change per ms of a curve whose R-R is the shortest there is (0.2 s), twice for two at once."""
    return 2 * 0.0086 / (systole_s * 0.447)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    rhythm=st.integers(0, 5),
    switch=st.integers(0, 5),
    heart_rate_per_min=st.floats(20, 220),
    rr_variability=st.floats(0, 0.4),
    ectopics_per_min=st.floats(0, 60),
    ectopic_coupling=st.floats(0.3, 0.95),
    pr_interval_s=st.floats(0.08, 0.4),
    electromechanical_delay_s=st.floats(0, 0.12),
    systole_s=st.floats(0.5, 1.6),
    seed=st.integers(0, 2**32 - 1),
)
def test_any_patient_has_bounded_activations_without_a_jump(switch, **values):
    seen, beat = watch(switch=switch, **values)
    assert np.isfinite(seen).all()
    assert seen[:, :2].min() >= 0.0
    assert seen[:, :2].max() <= 1.0
    assert np.abs(np.diff(seen[:, 0])).max() < steepest(values["systole_s"])
    assert np.abs(np.diff(seen[:, 1])).max() < 0.04
    assert beat.sample == 60_000


@pytest.mark.parametrize("values", [{"ectopics_per_min": 25.0}, {"rhythm": 1, "rr_variability": 0.35, "ectopics_per_min": 20.0, "heart_rate_per_min": 120.0}])
def test_thousands_of_overlapping_beats_have_no_jump(values):
    seen, beat = watch(seconds=3000, **values)
    assert beat.number > 3000
    assert np.abs(np.diff(seen[:, 0])).max() < 0.04


def test_same_seed_same_bits_and_another_seed_others():
    runs = [watch(rhythm=1, rr_variability=0.2, ectopics_per_min=5.0, seed=seed)[0] for seed in (7, 7, 8)]
    assert runs[0].tobytes() == runs[1].tobytes()
    assert runs[0].tobytes() != runs[2].tobytes()
