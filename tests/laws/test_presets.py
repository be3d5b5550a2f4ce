"""Every preset: a minute without and with the pump stays in the range of numbers and of life; half the step changes little."""

import numpy as np
import pytest

from counterpulse.bed.run import clock_of, make_bed, run
from counterpulse.bed.tick import CHANNELS
from counterpulse.body.gas import catheter
from counterpulse.cohort.preset import names
from plans import outcome_of, patient_of, settings_of
from scripted import follow, scripted_bed

CLOCK = clock_of(1000.0)
PLAUSIBLE = {  # widest that any of these patients may show, with or without the pump
    "sbp_mmHg": (60, 190), "dbp_mmHg": (25, 110), "map_mmHg": (45, 150), "cvp_mmHg": (0, 25), "pcwp_mmHg": (2, 40), "mean_pa_mmHg": (5, 60),
    "co_L_min": (1.5, 8), "lv_ef": (0.08, 0.85), "lv_edv_mL": (60, 350), "lv_edp_mmHg": (2, 45), "coronary_flow_mL_min": (60, 600), "svo2": (0.2, 0.85),
}  # fmt: skip
NAMES = names()


@pytest.mark.parametrize("name", NAMES)
def test_a_minute_is_finite_and_plausible(name):
    outcome = outcome_of(name, seconds=60.0)
    assert outcome.faults == []
    assert np.isfinite(outcome.trace.signals).all()
    for arm in (outcome.without, outcome.assisted):
        for key, (low, high) in PLAUSIBLE.items():
            value = arm.mean[key]
            assert value is not None
            assert low <= value <= high, f"{key} is {value:.2f}"
        assert arm.mean["dbp_mmHg"] < arm.mean["map_mmHg"] < arm.mean["sbp_mmHg"] + 15.0
        assert arm.mean["cvp_mmHg"] < arm.mean["mean_pa_mmHg"] < arm.mean["map_mmHg"]
        assert arm.wave.signals[:, :10].min() > -40.0
        assert arm.wave.signals[:, :10].max() < 260.0
    assert outcome.timing["assisted_share"] > 0.9


PRESSURES = [CHANNELS.index(c) for c in CHANNELS[:12]]


def stretches(fine, console_beds):
    """Pressures of 20 s of all presets with the pump, in steps of `fine` halvings, under the valve positions of one and the same run."""
    clock = clock_of(1000.0, fine)
    kept = []
    for patients, valves in console_beds:
        bed = scripted_bed(patients, [catheter() for _ in patients], clock)
        signals, _ = follow(bed, clock, valves)
        kept.append(signals[10_000:])
    return np.concatenate(kept, axis=1)


def test_half_the_step_changes_means_by_a_thousandth_and_peaks_by_five(record_property):
    console_beds = []
    for first in range(0, len(NAMES), 8):
        block = (NAMES[first : first + 8] + NAMES)[:8]
        patients = [patient_of(name) for name in block]
        bed = make_bed(patients, [catheter() for _ in patients], [settings_of("40-7.5")] * 8, CLOCK)
        console_beds.append((patients, run(bed, CLOCK, 30_000, kept=True).valve))
    coarse, fine = (stretches(halvings, console_beds) for halvings in (0, 1))
    lanes = [NAMES.index(name) + (NAMES.index(name) >= 8) * 0 for name in NAMES]
    worst = {}
    for channel, label in ((0, "root"), (2, "radial"), (4, "LV"), (8, "pulmonary artery"), (7, "right atrium"), (9, "pulmonary veins"), (10, "balloon"), (11, "console")):
        a, b = coarse[:, lanes, channel], fine[:, lanes, channel]
        # gas pressures pass zero: their errors are counted against the absolute pressure
        zero = 760.0 if channel >= 10 else 0.0
        mean = np.abs(a.mean(axis=0) - b.mean(axis=0)) / np.abs(b.mean(axis=0) + zero)
        peak = np.abs(a.max(axis=0) - b.max(axis=0)) / np.abs(b.max(axis=0) + zero)
        worst[label] = (float(mean.max()), NAMES[int(mean.argmax())], float(peak.max()), NAMES[int(peak.argmax())])
    for label, (mean, who, peak, where) in worst.items():
        record_property(f"half the step, {label}", f"mean {100 * mean:.4f} % ({who}), peak {100 * peak:.3f} % ({where})")
    assert max(w[0] for w in worst.values()) < 0.001
    assert max(w[2] for w in worst.values()) < 0.005
