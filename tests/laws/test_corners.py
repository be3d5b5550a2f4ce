"""Patients over the range of every field: numbers stay finite and blood is conserved. Overlapping beats: no jump in activation or pressure."""

import numpy as np
import pytest

from counterpulse.bed.run import clock_of, finite, make_bed, run
from counterpulse.body.build import blood
from counterpulse.body.gas import catheter
from counterpulse.body.patient import Patient, Rhythm
from counterpulse.body.state import AT
from plans import patient_of, settings_of
from scripted import follow, scripted_bed

CLOCK = clock_of(1000.0)
WHOLE = ("seed", "rhythm", "wide_qrs")
RANGES = Patient.quantities()
LATER = ("systole_variability", "delay_variability_s")  # drawn apart, so that the others keep the corners they had


def sound(patients):
    """Run eight side by side with the pump for 10 s; names nothing, asserts all."""
    full = (patients * 8)[:8]
    bed = make_bed(full, [catheter() for _ in full], [settings_of("40-7.5")] * 8, CLOCK)
    run(bed, CLOCK, 10_000)
    kept = [abs(blood(bed.w, i) / float(full[i].blood_volume_mL) - 1.0) for i in range(8)]
    return finite(bed)[: len(patients)] & (np.array(kept)[: len(patients)] < 1e-9)


def test_each_field_at_either_end_of_its_range():
    ends = [(name, value) for name, q in RANGES.items() for value in (q.low, min(q.high, 2.0**31))]
    bad = []
    for first in range(0, len(ends), 8):
        block = ends[first : first + 8]
        patients = [patient_of("hf-shock", **{name: int(value) if name in WHOLE else float(value)}) for name, value in block]
        bad += [end for end, fine in zip(block, sound(patients), strict=True) if not fine]
    assert bad == []


def test_all_fields_anywhere_in_their_ranges():
    draws, later = np.random.default_rng(20261), np.random.default_rng(20262)
    for _ in range(8):
        patients = []
        for _ in range(8):
            values = {name: q.low + (later if name in LATER else draws).random() * (min(q.high, 2.0**31) - q.low) for name, q in RANGES.items()}
            patients.append(Patient.check(Patient(**{name: round(v) if name in WHOLE else v for name, v in values.items()})))
        assert sound(patients).all()


@pytest.mark.parametrize("rhythm", [Rhythm.SINUS, Rhythm.ATRIAL_FIBRILLATION, Rhythm.PACED_VENTRICULAR])
def test_overlapping_beats_make_no_jump(rhythm, record_property):
    """Ectopics 30 a minute as early as they may come; steepest change of activation and LV pressure in a millisecond beside that of regular beats."""
    early = {"ectopics_per_min": 30.0, "ectopic_coupling": 0.3, "heart_rate_per_min": 110.0, "rr_variability": 0.2, "rhythm": int(rhythm)}
    patients = [patient_of("hf-shock", rr_variability=0.0, heart_rate_per_min=110.0), *(patient_of("hf-shock", seed=seed, **early) for seed in (1, 2, 3))]
    bed = scripted_bed(patients, [catheter() for _ in patients], CLOCK)
    signals, _ = follow(bed, CLOCK, np.full((40_000, 4), -1), channels=(AT.ventricular, AT.p_lv))
    activation, pressure = signals[5000:, :, 0], signals[5000:, :, 1]
    steepest, rises = np.abs(np.diff(activation, axis=0)).max(axis=0), np.abs(np.diff(pressure, axis=0)).max(axis=0)
    told = f"activation {steepest[0]:.4f} and {steepest[1:].max():.4f}, LV {rises[0]:.2f} and {rises[1:].max():.2f} mmHg"
    record_property(f"steepest in a millisecond, regular and {rhythm.name.lower()} with ectopics", told)
    assert (activation >= 0.0).all()
    assert (activation <= 1.05).all()
    assert steepest[1:].max() < 2.0 * steepest[0]
    assert rises[1:].max() < 3.0 * rises[0]
