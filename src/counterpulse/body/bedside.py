"""What the bedside is set to and what goes wrong with it: the `Monitor` record, its units and ranges. Knows no patient and computes nothing.

mV, mmHg, s, Hz, cm. Arrays over pressures are in the order of `signals.sample.Source` (root, lumen, radial, femoral), over leads II, V5, aVL.
Whoever changes a field of the first four blocks sets `changed = 1` (or calls `adjust`); the next `show` then works out what follows from it.
"""

from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpulse.body.beat import LONG_AGO_S
from counterpulse.record import Many, Q, Record, sentence
from counterpulse.refusal import RefusalError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LATEST = 256  # samples that a pressure can come late by, and one


class Truth(NamedTuple):
    """True pressures at one instant, mmHg: where the four lines begin, and at the console's end of the gas line; blood in the gas line, mL."""

    root: float
    lumen: float
    radial: float
    femoral: float
    balloon: float
    blood_mL: float


class Monitor(Record):
    """Settings and faults of the bedside (first two blocks), and what its lines and filters remember."""

    # arterial lines, by Source
    natural_Hz: Annotated[
        Floats, Many(4), Q("Hz", 1, 300, "natural frequency of the line", "Gardner 1981 Anesthesiology 54:227: 10 to 25 at the bedside; from memory")
    ] = (150.0, 10.0, 20.0, 18.0)  # pyright: ignore[reportAssignmentType]
    damping: Annotated[
        Floats, Many(4), Q("1", 0.02, 5, "damping ratio of the line", "Gardner 1981: 0.2 to 0.6 at the bedside; lumen and root assumed; from memory")
    ] = (0.7, 0.6, 0.35, 0.35)  # pyright: ignore[reportAssignmentType]
    zero_mmHg: Annotated[Floats, Many(4), Q("mmHg", -100, 100, "zero error, added to what is shown")] = 0.0  # pyright: ignore[reportAssignmentType]
    level_cm: Annotated[Floats, Many(4), Q("cm", -100, 100, "transducer below the heart; reads high by 0.74 mmHg per cm")] = 0.0  # pyright: ignore[reportAssignmentType]
    noise_mmHg: Annotated[Floats, Many(4), Q("mmHg", 0, 30, "SD of white noise on a pressure")] = 0.0  # pyright: ignore[reportAssignmentType]
    connected: Annotated[Ints, Many(4, int), Q("1", 0, 1, "0 = nothing shown")] = 1  # pyright: ignore[reportAssignmentType]
    flush: Annotated[Ints, Many(4, int), Q("1", 0, 1, "1 = flush valve open: the line sees the pressure bag")] = 0  # pyright: ignore[reportAssignmentType]
    pressure_low_mmHg: Annotated[float, Q("mmHg", -400, 0, "lower rail of a pressure channel", "assumed")] = -50.0
    pressure_high_mmHg: Annotated[float, Q("mmHg", 100, 1000, "upper rail of a pressure channel", "assumed")] = 300.0
    pressure_steps_per_mmHg: Annotated[float, Q("1/mmHg", 0.25, 4096, "whole steps in a mmHg; a power of two is exact in every file")] = 8.0
    balloon_zero_mmHg: Annotated[float, Q("mmHg", -100, 100, "zero error of the console's balloon transducer")] = 0.0
    balloon_connected: Annotated[int, Q("1", 0, 1, "0 = the console's balloon transducer gives nothing")] = 1
    # electrocardiogram
    gain: Annotated[Floats, Many(3), Q("1", -5, 5, "gain of a lead; low voltage < 1, swapped electrodes < 0")] = 1.0  # pyright: ignore[reportAssignmentType]
    lead_off: Annotated[Ints, Many(3, int), Q("1", 0, 1, "1 = electrode off: no signal, flag raised")] = 0  # pyright: ignore[reportAssignmentType]
    noise_mV: Annotated[Floats, Many(3), Q("mV", 0, 5, "SD of white noise on a lead")] = 0.0  # pyright: ignore[reportAssignmentType]
    wander_mV: Annotated[float, Q("mV", 0, 5, "baseline wander with the breath, amplitude", "assumed")] = 0.05
    compression_mV: Annotated[float, Q("mV", 0, 5, "baseline swing of a chest compression", "assumed")] = 0.5
    mains_mV: Annotated[float, Q("mV", 0, 5, "mains hum, amplitude")] = 0.0
    mains_Hz: Annotated[float, Q("Hz", 40, 70, "mains frequency")] = 50.0
    cautery: Annotated[int, Q("1", 0, 1, "1 = diathermy in use: bursts that swamp the leads")] = 0
    spike_mV: Annotated[float, Q("mV", 0, 20, "height of a pacing spike", "assumed")] = 3.0
    spike_flag: Annotated[int, Q("1", 0, 1, "1 = the monitor detects pacing spikes")] = 1
    ecg_rail_mV: Annotated[float, Q("mV", 1, 50, "rail of a lead, either way", "assumed")] = 5.0
    ecg_steps_per_mV: Annotated[float, Q("1/mV", 16, 65536, "whole steps in a mV; a power of two is exact in every file")] = 512.0
    # on the way to the console: leads and pressures alike
    dropped_share: Annotated[float, Q("1", 0, 1, "share of packets of 40 ms that never come: the last value stays")] = 0.0
    missing_share: Annotated[float, Q("1", 0, 1, "share of samples that come as no number")] = 0.0
    spikes_per_min: Annotated[float, Q("1/min", 0, 3000, "impulses of one sample on leads and pressures")] = 0.0
    pressure_late_ms: Annotated[float, Q("ms", 0, 250, "pressures come so much later than the leads")] = 0.0
    pressure_drift_ppm: Annotated[float, Q("1", 0, 100000, "the pressures' clock runs slow by so many parts in a million: ever later")] = 0.0
    # the console's own sensors
    case_C: Annotated[float, Q("C", -20, 120, "temperature inside the console's case", "assumed: warm electronics")] = 35.0
    on_battery: Annotated[int, Q("1", 0, 1, "1 = no mains")] = 0
    battery_min: Annotated[float, Q("min", 0, 600, "charge: runs down on battery; shown only there", "assumed: a fresh pair of batteries")] = 90.0
    docked: Annotated[int, Q("1", 0, 1, "0 = the console has left its cart")] = 1
    blood_seen_mL: Annotated[float, Q("mL", 0.01, 50, "blood in the gas line at which its detector answers", "assumed")] = 0.5
    # what follows from the settings
    changed: int = 1
    seed: int = 0
    dt_s: float = 0.001
    per_s: float = 1000.0  # sampling rate
    mmHg_per_step: float = 0.125
    mV_per_step: float = 0.001953125
    from_off: Annotated[Floats, Many((2, 4))] = 0.0  # pyright: ignore[reportAssignmentType]
    from_slope: Annotated[Floats, Many((2, 4))] = 0.0  # pyright: ignore[reportAssignmentType]
    from_mouth: Annotated[Floats, Many((2, 4))] = 0.0  # pyright: ignore[reportAssignmentType]
    error_mmHg: Annotated[Floats, Many(4)] = 0.0  # pyright: ignore[reportAssignmentType]
    noisy: int = 0
    noisy_lines: int = 0
    plain_lines: int = 0  # every line connected, free of noise and flush
    running: int = 0  # plain, and every line has seen a pressure
    troubled: int = 0  # something happens on the way
    leads: int = 3  # electrodes that are on
    packet: int = 40  # samples
    sees_spikes: int = 1
    # what the lines and leads remember
    sample: int = 0
    mouth_mmHg: Annotated[Floats, Many(4)] = np.nan  # pyright: ignore[reportAssignmentType]
    off_mmHg: Annotated[Floats, Many(4)] = 0.0  # pyright: ignore[reportAssignmentType]
    slope_mmHg_s: Annotated[Floats, Many(4)] = 0.0  # pyright: ignore[reportAssignmentType]
    number: int = 0
    age_s: float = LONG_AGO_S
    wide: int = 0
    t_per_s: float = 1.0
    old_age_s: float = LONG_AGO_S
    old_wide: int = 0
    old_t_per_s: float = 1.0
    mains_phase: float = 0.0
    late_samples: float = 0.0
    sent_mmHg: Annotated[Floats, Many((LATEST, 4))] = np.nan  # pyright: ignore[reportAssignmentType]
    held_mmHg: Annotated[Floats, Many(4)] = np.nan  # pyright: ignore[reportAssignmentType]
    held_mV: Annotated[Floats, Many(3)] = np.nan  # pyright: ignore[reportAssignmentType]


def start_monitor(seed: int, fs_hz: float) -> Monitor:
    """A bedside with everything connected and clean. `fs_hz` 125 to 1000; raises RefusalError outside."""
    if not 125.0 <= fs_hz <= 1000.0:
        raise RefusalError(f"The sampling rate is {fs_hz:g} Hz; it must lie in 125 to 1000 Hz.")
    return Monitor(seed=seed, dt_s=1.0 / fs_hz, per_s=fs_hz)


def adjust(monitor: Monitor, field: str, value: float, place: int | None = None) -> None:
    """Set one field, or one place of a field that has several, and mark the monitor changed. Raises RefusalError for what is not allowed."""
    limits = Monitor.quantities()
    if field not in limits:
        raise RefusalError(f"Monitor has no setting {field!r}; its settings are {', '.join(limits)}.")
    q = limits[field]
    if not q.low <= value <= q.high:
        raise RefusalError(sentence(f"Monitor.{field}", value, q))
    row: Any = monitor
    if place is None:
        row[field] = value
    elif 0 <= place < np.size(row[field]):
        row[field][place] = value
    else:
        raise RefusalError(f"Monitor.{field} has no place {place}; its places are 0 to {np.size(row[field]) - 1}.")
    monitor.changed = 1
