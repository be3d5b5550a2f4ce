"""Patients drawn from the whole range of every field: numbers stay finite and blood is conserved. Overlapping beats: no jump in activation or pressure."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counterpulse.bed.run import clock_of, finite, make_bed, run
from counterpulse.body.build import blood
from counterpulse.body.gas import catheter
from counterpulse.body.patient import Patient, Rhythm
from counterpulse.body.state import AT
from plans import patient_of, settings_of

CLOCK = clock_of(1000.0)
WHOLE = {"seed", "rhythm", "wide_qrs"}


def field(name, q):
    if name in WHOLE:
        return st.integers(int(q.low), int(min(q.high, 2**31)))
    default = float(Patient()[name])
    return st.one_of(st.just(default), st.sampled_from([float(q.low), float(q.high)]), st.floats(q.low, q.high))


PATIENTS = st.fixed_dictionaries({name: field(name, q) for name, q in Patient.quantities().items()})


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(PATIENTS)
def test_numbers_stay_finite_wherever_the_fields_lie(values):
    patient = Patient.check(Patient(**values))
    bed = make_bed([patient] * 4, [catheter()] * 4, [settings_of("40-7.5", trigger=trigger) for trigger in (0, 1, 2, 2)], CLOCK)
    run(bed, CLOCK, 5000)
    assert finite(bed).all()
    assert abs(blood(bed.w, 0) / float(patient.blood_volume_mL) - 1.0) < 1e-9


@pytest.mark.parametrize("rhythm", [Rhythm.SINUS, Rhythm.ATRIAL_FIBRILLATION, Rhythm.PACED_VENTRICULAR])
def test_overlapping_beats_make_no_jump(rhythm, record_property):
    """Ectopics 30 a minute as early as they may come; steepest change of activation and LV pressure in a millisecond beside that of regular beats."""
    early = {"ectopics_per_min": 30.0, "ectopic_coupling": 0.3, "heart_rate_per_min": 110.0, "rr_variability": 0.2, "rhythm": int(rhythm)}
    patients = [patient_of("hf-shock", rr_variability=0.0, heart_rate_per_min=110.0), *(patient_of("hf-shock", seed=seed, **early) for seed in (1, 2, 3))]
    bed = make_bed(patients, [catheter()] * 4, [settings_of("40-7.5")] * 4, CLOCK)
    activation, pressure = np.empty((20_000, 4)), np.empty((20_000, 4))
    for k in range(len(activation)):
        run(bed, CLOCK, 1)
        activation[k], pressure[k] = bed.w[AT.ventricular], bed.w[AT.p_lv]
    steepest = np.abs(np.diff(activation[5000:], axis=0)).max(axis=0)
    rises = np.abs(np.diff(pressure[5000:], axis=0)).max(axis=0)
    record_property(f"steepest in a millisecond, regular and {rhythm.name.lower()} with ectopics", f"activation {steepest[0]:.4f} and {steepest[1:].max():.4f}, LV {rises[0]:.2f} and {rises[1:].max():.2f} mmHg")
    assert (activation >= 0.0).all()
    assert (activation <= 1.05).all()
    assert steepest[1:].max() < 2.0 * steepest[0]
    assert rises[1:].max() < 3.0 * rises[0]
