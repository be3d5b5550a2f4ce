"""What the bedside really sees of a patient: ECG leads and arterial pressures with all that happens to them on the way. Knows no patient.

mV, mmHg, s, Hz, cm. Arrays over pressures are in the order of `signals.sample.Source` (root, lumen, radial, femoral), over leads II, V5, aVL.
Whoever changes a field of the first block sets `changed = 1`; the next `show` then works out what follows from it (no jump: line states stay).
A pressure passes: line (second order) -> zero and level error -> noise -> saturation -> steps. Shown numbers are whole steps; with a power of
two of steps per unit (the default) every file format holds them exactly. NaN = not connected, lead off, or no true pressure to show.
"""

import math
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpulse.body.beat import LONG_AGO_S, Beat
from counterpulse.body.chest import sine
from counterpulse.body.electrocardiogram import (
    COMPRESSION_SHARE,
    P_S,
    P_TABLE,
    QRS_S,
    QRS_TABLES,
    ROWS,
    SPIKE_SHARE,
    T_S,
    T_TABLES,
    WANDER_SHARE,
    F_WAVE_mV,
    VF_WAVE_mV,
)
from counterpulse.body.intervals import systole_scale
from counterpulse.body.lines import transition
from counterpulse.kernel import inline, kernel
from counterpulse.noise import draw, uniform
from counterpulse.record import Many, Q, Record, sentence
from counterpulse.refusal import RefusalError
from counterpulse.signals.sample import Sample

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

COLUMN_mmHg_PER_CM = 0.7356  # 1 cm of water
BAG_mmHg = 300.0  # pressure bag behind the flush valve
_STREAM_ECG, _STREAM_PRESSURE, _STREAM_CAUTERY = 201, 202, 203
BALLOON_RANGE_mmHg = 500.0  # the console's own transducer, either way; assumed
CAUTERY_BURST_S = 0.5  # cautery is on or off for this long at a time; assumed
CAUTERY_SHARE = 0.7  # share of bursts that are on; assumed
CAUTERY_mV = 4.0  # SD of what it puts on a lead: most samples at the rail; assumed
_PER_SD_10 = 1.0 / 295.6  # ten random bits, 0 to 1023 about 511.5, have SD 295.6
_PER_SD_8 = 1.0 / 73.9  # eight bits, 0 to 255 about 127.5, SD 73.9
_ROUND = 6755399441055744.0  # 1.5 * 2**52: adding and taking it off rounds to a whole number


class Truth(NamedTuple):
    """True pressures at one instant, mmHg: where the four lines begin, and at the console's end of the gas line."""

    root: float
    lumen: float
    radial: float
    femoral: float
    balloon: float


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
    # what follows from the settings
    changed: int = 1
    seed: int = 0
    dt_s: float = 0.001
    per_s: float = 1000.0  # sampling rate
    mmHg_per_step: float = 0.125
    mV_per_step: float = 0.001953125
    carry: Annotated[Floats, Many((4, 5))] = 0.0  # pyright: ignore[reportAssignmentType]
    error_mmHg: Annotated[Floats, Many(4)] = 0.0  # pyright: ignore[reportAssignmentType]
    noisy: int = 0
    noisy_lines: int = 0
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


@kernel
def refresh(monitor: Monitor) -> None:
    """Work out what follows from changed settings: line coefficients, sum of errors, which artefacts there are to add."""
    monitor.changed = 0
    monitor.mmHg_per_step = 1.0 / max(monitor.pressure_steps_per_mmHg, 1e-9)
    monitor.mV_per_step = 1.0 / max(monitor.ecg_steps_per_mV, 1e-9)
    noisy_lines = monitor.cautery
    for i in range(4):
        a, b, c, d, lag = transition(monitor.natural_Hz[i], monitor.damping[i], monitor.dt_s)
        monitor.carry[i, 0], monitor.carry[i, 1], monitor.carry[i, 2], monitor.carry[i, 3], monitor.carry[i, 4] = a, b, c, d, lag
        monitor.error_mmHg[i] = monitor.zero_mmHg[i] + COLUMN_mmHg_PER_CM * monitor.level_cm[i]
        if monitor.noise_mmHg[i] > 0.0:
            noisy_lines = 1
    noisy = 1 if monitor.cautery or monitor.mains_mV > 0.0 else 0
    on = 0
    for i in range(3):
        if monitor.noise_mV[i] > 0.0:
            noisy = 1
        if monitor.lead_off[i] == 0:
            on = 1
    monitor.noisy = noisy
    monitor.noisy_lines = noisy_lines
    monitor.sees_spikes = 1 if on and monitor.spike_flag and monitor.spike_mV > 0.0 else 0


@inline
def to_steps(value: float, per_unit: float, step: float) -> float:
    """Rounded to whole steps (`step` is 1 / `per_unit`). Doing it twice changes nothing."""
    return (value * per_unit + _ROUND - _ROUND) * step


@inline
def clip(value: float, low: float, high: float) -> float:
    """Between the rails; NaN stays."""
    value = low if value < low else value
    return high if value > high else value


@inline
def cauterised(monitor: Monitor) -> bool:
    """Whether a cautery burst is on in this sample."""
    if monitor.cautery == 0:
        return False
    burst = int(monitor.sample * monitor.dt_s * (1.0 / CAUTERY_BURST_S))
    return uniform(int(monitor.seed), _STREAM_CAUTERY, burst) < CAUTERY_SHARE


@inline
def through_line(monitor: Monitor, i: int, mouth: float) -> float:
    """Carry line `i` one sample on, its mouth moving straight to `mouth`; returns the pressure at the transducer."""
    before = monitor.mouth_mmHg[i]
    fresh = before != before  # noqa: PLR0124  NaN: it has seen no pressure yet
    before = mouth if fresh else before
    slope = (mouth - before) * monitor.per_s
    lag = monitor.carry[i, 4] * slope
    off = (0.0 if fresh else monitor.off_mmHg[i]) + lag
    speed = (0.0 if fresh else monitor.slope_mmHg_s[i]) - slope
    now = monitor.carry[i, 0] * off + monitor.carry[i, 1] * speed - lag
    monitor.slope_mmHg_s[i] = monitor.carry[i, 2] * off + monitor.carry[i, 3] * speed + slope
    monitor.off_mmHg[i] = now
    monitor.mouth_mmHg[i] = mouth
    return mouth + now


@inline
def show_pressures(monitor: Monitor, truth: Truth, sample: Sample) -> None:
    """All four arterial lines and the console's balloon transducer."""
    per_unit, step, low, high = monitor.pressure_steps_per_mmHg, monitor.mmHg_per_step, monitor.pressure_low_mmHg, monitor.pressure_high_mmHg
    bits = 0
    extra = 0.0
    if monitor.noisy_lines:
        bits = draw(int(monitor.seed), _STREAM_PRESSURE, int(monitor.sample))
        extra = 2.0 if cauterised(monitor) else 0.0
    for i in range(4):
        mouth = BAG_mmHg if monitor.flush[i] else truth[i]
        there = mouth == mouth  # noqa: PLR0124  false for NaN
        value = through_line(monitor, i, mouth if there else monitor.mouth_mmHg[i]) + monitor.error_mmHg[i]
        if monitor.noisy_lines:
            value += (((bits >> (8 * i)) & 0xFF) - 127.5) * _PER_SD_8 * (monitor.noise_mmHg[i] + extra)
        shown = to_steps(clip(value, low, high), per_unit, step)
        sample.arterial_mmHg[i] = shown if there and monitor.connected[i] else math.nan
    gas = truth.balloon + monitor.balloon_zero_mmHg
    shown = to_steps(clip(gas, -BALLOON_RANGE_mmHg, BALLOON_RANGE_mmHg), per_unit, step)
    sample.balloon_mmHg = shown if monitor.balloon_connected else math.nan


@inline
def add(table: Floats, place: float, mV: tuple[float, float, float]) -> tuple[float, float, float]:
    """Add a table of shape (rows, leads), read at a fractional row, to three leads."""
    k = int(place)
    x = place - k
    return (
        mV[0] + table[k, 0] + x * (table[k + 1, 0] - table[k, 0]),
        mV[1] + table[k, 1] + x * (table[k + 1, 1] - table[k, 1]),
        mV[2] + table[k, 2] + x * (table[k + 1, 2] - table[k, 2]),
    )


@inline
def add_shares(share: Floats, height: float, mV: tuple[float, float, float]) -> tuple[float, float, float]:
    """Add something of one height and a share of it per lead."""
    return mV[0] + share[0] * height, mV[1] + share[1] * height, mV[2] + share[2] * height


@inline
def follow(monitor: Monitor, beat: Beat) -> None:
    """Keep the age of this and the last QRS: the T wave of the last goes on until it ends."""
    monitor.old_age_s += monitor.dt_s
    if beat.number != monitor.number:
        monitor.old_age_s, monitor.old_wide, monitor.old_t_per_s = monitor.age_s + monitor.dt_s, monitor.wide, monitor.t_per_s
        monitor.number, monitor.wide = beat.number, beat.wide
        monitor.t_per_s = ROWS / (T_S * systole_scale(beat.rr_s))
    monitor.age_s = beat.qrs_age_s


@inline
def potentials(monitor: Monitor, beat: Beat) -> tuple[float, float, float]:
    """What the heart and the chest put on the three leads, mV."""
    mV = add_shares(WANDER_SHARE, monitor.wander_mV * beat.breath, (0.0, 0.0, 0.0))
    if beat.p_age_s < P_S:
        mV = add(P_TABLE, beat.p_age_s * (ROWS / P_S), mV)
    if beat.qrs_age_s < QRS_S:
        mV = add(QRS_TABLES[monitor.wide], beat.qrs_age_s * (ROWS / QRS_S), mV)
    place = monitor.age_s * monitor.t_per_s
    if place < ROWS:
        mV = add(T_TABLES[monitor.wide], place, mV)
    place = monitor.old_age_s * monitor.old_t_per_s
    if place < ROWS:
        mV = add(T_TABLES[monitor.old_wide], place, mV)
    if beat.af_level + beat.vf_level > 0.0:
        mV = add_shares(F_WAVE_mV, beat.af_level * beat.wave, mV)
        mV = add_shares(VF_WAVE_mV, beat.vf_level * beat.wave, mV)
    if beat.compression > 0.0:
        mV = add_shares(COMPRESSION_SHARE, monitor.compression_mV * beat.compression, mV)
    if beat.spike:
        mV = add_shares(SPIKE_SHARE, monitor.spike_mV, mV)
    return mV


@inline
def show_leads(monitor: Monitor, beat: Beat, sample: Sample) -> None:
    """The three leads with their artefacts."""
    hum, extra, bits = 0.0, 0.0, 0
    if monitor.noisy:
        monitor.mains_phase += monitor.mains_Hz * monitor.dt_s
        if monitor.mains_phase >= 1.0:
            monitor.mains_phase -= 1.0
        hum = monitor.mains_mV * sine(monitor.mains_phase)
        extra = CAUTERY_mV if cauterised(monitor) else 0.0
        bits = draw(int(monitor.seed), _STREAM_ECG, int(monitor.sample))
    heart = potentials(monitor, beat)
    per_unit, step, rail = monitor.ecg_steps_per_mV, monitor.mV_per_step, monitor.ecg_rail_mV
    for i in range(3):
        mV = monitor.gain[i] * heart[i]
        if monitor.noisy:
            mV += hum + (((bits >> (10 * i)) & 0x3FF) - 511.5) * _PER_SD_10 * (monitor.noise_mV[i] + extra)
        shown = to_steps(clip(mV, -rail, rail), per_unit, step)
        sample.ecg_mV[i] = math.nan if monitor.lead_off[i] else shown
        sample.lead_off[i] = monitor.lead_off[i]


@kernel
def show(monitor: Monitor, beat: Beat, truth: Truth, sample: Sample) -> None:
    """Fill `sample` with what the bedside sees at this instant."""
    if monitor.changed:
        refresh(monitor)
    monitor.sample += 1
    follow(monitor, beat)
    show_leads(monitor, beat, sample)
    show_pressures(monitor, truth, sample)
    sample.pacer_spike = 1 if beat.spike and monitor.sees_spikes else 0
