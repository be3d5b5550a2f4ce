"""Varied virtual patients for the constants of `signals.closure_prior`, run with the pump beside a twin that tells when the valve would have closed.

Drawn over wide ranges around an adult (assumed: health to shock, 45 to 150 beats a minute, sinus, fibrillation, ectopics, pacing), never a preset. The pump
runs at 1:1, 1:2 or 1:3 and inflates up to 15 ms early or 25 late, so that what is learned does not hang on its being right. Times in ms since the start.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from counterpulse.bed.beats import ejections
from counterpulse.bed.channels import Wave
from counterpulse.bed.run import clock_of, make_bed, run
from counterpulse.bed.timing import balloon_cycles
from counterpulse.body.bedside import Monitor
from counterpulse.body.gas import CATHETERS, catheter
from counterpulse.body.lines import transition
from counterpulse.body.patient import Patient, Rhythm
from counterpulse.kernel import kernel
from plans import settings_of

EVERY = 4  # samples of 1 ms in a working sample
SHOWS = 10  # samples from the command to drive to the balloon's first effect
SINUS, FIBRILLATION, ECTOPIC, PACED = range(4)
SHARES = (0.6, 0.2, 0.12, 0.08)
# name: lowest, highest (drawn evenly, those in LOGARITHMIC on a logarithmic scale)
EVEN = {
    "age_years": (25.0, 88.0),
    "heart_rate_per_min": (45.0, 150.0), "electromechanical_delay_s": (0.015, 0.06), "systole_s": (0.8, 1.35), "systole_variability": (0.02, 0.08),
    "delay_variability_s": (0.002, 0.008), "respiratory_rate_per_min": (8.0, 26.0), "respiratory_swing_mmHg": (1.0, 8.0), "lv_v0_mL": (5.0, 45.0),
    "pericardial_volume_mL": (500.0, 1000.0), "aortic_diameter_mm": (19.0, 30.0), "aortic_length_cm": (40.0, 56.0), "blood_volume_mL": (4200.0, 6500.0),
    "aortic_area_cm2": (2.5, 4.5), "haemoglobin_g_dL": (9.0, 16.0),
}  # fmt: skip
LOGARITHMIC = {
    "lv_ees_mmHg_mL": (0.5, 5.0), "lv_edpvr_a_mmHg": (0.4, 1.3), "lv_edpvr_b_per_mL": (0.014, 0.032), "rv_ees_mmHg_mL": (0.3, 1.0),
    "rv_edpvr_b_per_mL": (0.018, 0.034), "la_emax_mmHg_mL": (0.15, 0.35), "la_emin_mmHg_mL": (0.1, 0.2), "aortic_compliance_mL_mmHg": (0.2, 1.2),
    "branch_compliance_mL_mmHg": (0.15, 0.7), "arm_compliance_mL_mmHg": (0.008, 0.04), "leg_compliance_mL_mmHg": (0.025, 0.12),
    "systemic_resistance_mmHg_s_mL": (0.6, 2.0), "venous_compliance_mL_mmHg": (50.0, 100.0), "pulmonary_resistance_mmHg_s_mL": (0.05, 0.25),
}  # fmt: skip
LESIONS = {"mitral_leak_cm2": (0.15, 0.1, 0.8), "aortic_leak_cm2": (0.12, 0.05, 0.35), "septal_defect_cm2": (0.08, 0.3, 1.2)}  # how many, least, most
LIVES = {"systolic": (65.0, 190.0), "least_diastolic": 25.0, "least_pulse": 12.0, "least_flow_mL_s": 25.0}  # what is kept, mmHg and mL/s


@dataclass
class Drawn:
    """One patient and how the pump ran."""

    patient: Any
    kind: int
    size: str
    console: dict


@dataclass
class Seen:
    """What was shown, working samples x sources, and what was so: times in ms."""

    drawn: Drawn
    shown: Any
    alone: Any  # the root, as its sensor shows it, had it gone on without the inflation of each beat: the patient's own until the balloon shows, then the twin's
    r: Any  # R waves
    opens: Any
    closes: Any
    drives: Any  # commands to drive and to vacuum
    vacuums: Any
    onsets: Any  # balloon 10 % filled
    qrs: Any  # onsets of the QRS


def drawn(seed: int, number: int) -> Drawn:
    """Patient `number` of a seed."""
    r = np.random.default_rng([seed, number])
    kind = int(r.choice(4, p=SHARES))
    f = {name: float(r.uniform(*span)) for name, span in EVEN.items()}
    f |= {name: float(np.exp(r.uniform(*np.log(span)))) for name, span in LOGARITHMIC.items()}
    f |= {name: float(r.uniform(low, high)) if r.random() < share else 0.0 for name, (share, low, high) in LESIONS.items()}
    f |= {"seed": int(r.integers(1, 2**31)), "wide_qrs": int(r.random() < 0.15), "ectopic_coupling": float(r.uniform(0.5, 0.75))}
    f["rr_variability"] = float(r.uniform(0.1, 0.28) if kind == FIBRILLATION else r.uniform(0.005, 0.07))
    f["ectopics_per_min"] = float(r.uniform(3.0, 15.0)) if kind == ECTOPIC else 0.0
    paced = int(r.choice([Rhythm.PACED_VENTRICULAR, Rhythm.PACED_SEQUENTIAL]))
    f["rhythm"] = {FIBRILLATION: int(Rhythm.ATRIAL_FIBRILLATION), PACED: paced}.get(kind, int(Rhythm.SINUS))
    console = {"ratio": int(r.choice([1, 2, 3], p=[0.6, 0.3, 0.1])), "inflation_trim_ms": float(r.uniform(-15.0, 25.0)), "deflation": int(kind == FIBRILLATION)}
    return Drawn(Patient.check(Patient(**f)), kind, str(r.choice(list(CATHETERS))), console)


def bed_of(patients: list[Drawn], clock: Any) -> Any:
    """Each patient beside a twin."""
    both = lambda of: [of(one) for one in patients for _ in range(2)]  # noqa: E731
    settings = both(lambda one: settings_of(one.size, **one.console))
    return make_bed(both(lambda one: one.patient), both(lambda one: catheter(one.size)), settings, clock, [k for i in range(len(patients)) for k in (-1, 2 * i)])


def seen(patients: list[Drawn], seconds: float) -> list[Seen]:
    """Four patients side by side; those whose circulation is none are left out."""
    clock = clock_of(1000.0)
    bed = bed_of(patients, clock)
    trace = run(bed, clock, round(seconds * 1000.0), kept=True)
    kept = []
    for i, one in enumerate(patients):
        wave, twin = (Wave(trace.signals[:, k], trace.beat[:, k], 0.001) for k in (2 * i, 2 * i + 1))
        if not np.isfinite(trace.signals[:, 2 * i]).all() or not lives(twin):
            continue
        ejected, valve = np.array(ejections(twin)).reshape(-1, 2), trace.valve[:, 2 * i].astype(int)
        cycles = np.array(balloon_cycles(wave.balloon_mL)).reshape(-1, 3)
        turned = np.flatnonzero(np.diff(valve)) + 1
        drives = turned[valve[turned] > 0]
        alone = wave.root.copy()
        for drive in drives:
            opens = ejected[ejected[:, 0] > drive, 0]
            until = int(opens[0]) if len(opens) else len(alone)
            alone[drive + SHOWS : until] = twin.root[drive + SHOWS : until]
        alone = sensed(alone, sensor())
        r = np.unique(trace.trigger[:, 2 * i])
        shown = working(trace.samples[:, 2 * i].arterial_mmHg)
        kept.append(Seen(one, shown, working(alone), r[r > 0], ejected[:, 0], ejected[:, 1], drives, turned[valve[turned] <= 0], cycles[:, 0], np.flatnonzero(np.diff(twin.beat)) + 1))
    return kept


def sensor() -> Any:
    """How the root's sensor moves in a millisecond (`body.lines`): from its distance to the true pressure, its slope, and what the true pressure moved."""
    m = Monitor()
    a, b, c, d, lag = transition(float(m.natural_Hz[0]), float(m.damping[0]), 0.001)
    return np.array([[a, b, (a * lag - b - lag) * 1000.0], [c, d, (c * lag - d + 1.0) * 1000.0]])


@kernel
def sensed(mouth, by):
    """What the root's sensor shows of a true pressure, sample by sample, each shown one sample later."""
    shown = np.empty_like(mouth)
    off, slope, before = 0.0, 0.0, mouth[0]
    for i in range(len(mouth)):
        shown[i] = before + off
        moved = mouth[i] - before
        off, slope = by[0, 0] * off + by[0, 1] * slope + by[0, 2] * moved, by[1, 0] * off + by[1, 1] * slope + by[1, 2] * moved
        before = mouth[i]
    return shown


def working(shown: Any) -> Any:
    """At the working rate."""
    return shown[: len(shown) // EVERY * EVERY].reshape(-1, EVERY, *shown.shape[1:]).mean(1).astype(np.float32)


def lives(twin: Wave) -> bool:
    """Whether the circulation, after 20 s, is one that a person may have."""
    root, flow = twin.root[20000:], np.maximum(twin.aortic[20000:], 0.0).mean()
    high, low = np.percentile(root, 98), np.percentile(root, 2)
    inside = LIVES["systolic"][0] < high < LIVES["systolic"][1] and low > LIVES["least_diastolic"] and high - low > LIVES["least_pulse"]
    return bool(inside and flow > LIVES["least_flow_mL_s"])


def population(seed: int, count: int, seconds: float) -> list[Seen]:
    """The first `count` patients drawn of a seed, those left out included in the count."""
    found: list[Seen] = []
    for first in range(0, count, 4):
        found += seen([drawn(seed, number) for number in range(first, first + 4)], seconds)
    return found
