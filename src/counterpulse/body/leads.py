"""What the heart and the chest put on the three leads, and the artefacts that come to it. mV, s. Knows the clock's waves, no pressure."""

import math

from counterpulse.body.beat import Beat
from counterpulse.body.bedside import Floats, Monitor
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
from counterpulse.body.lines import cauterised, clip, to_steps
from counterpulse.kernel import apart, inline
from counterpulse.noise import draw
from counterpulse.signals.sample import Sample

STREAM_ECG = 201
CAUTERY_mV = 4.0  # SD of what cautery puts on a lead: most samples at the rail; assumed
PER_SD_10 = 1.0 / 295.6  # ten random bits, 0 to 1023 about 511.5, have SD 295.6


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
    per_unit, step, rail = monitor.ecg_steps_per_mV, monitor.mV_per_step, monitor.ecg_rail_mV
    heart = potentials(monitor, beat) if monitor.leads else (0.0, 0.0, 0.0)
    heart = monitor.gain[0] * heart[0], monitor.gain[1] * heart[1], monitor.gain[2] * heart[2]
    if monitor.noisy:
        heart = disturbed(monitor, heart)
    sample.ecg_mV[0] = to_steps(clip(heart[0], -rail, rail), per_unit, step)
    sample.ecg_mV[1] = to_steps(clip(heart[1], -rail, rail), per_unit, step)
    sample.ecg_mV[2] = to_steps(clip(heart[2], -rail, rail), per_unit, step)
    sample.lead_off[0], sample.lead_off[1], sample.lead_off[2] = monitor.lead_off[0], monitor.lead_off[1], monitor.lead_off[2]
    if monitor.leads < 3:
        for i in range(3):
            if monitor.lead_off[i]:
                sample.ecg_mV[i] = math.nan


@apart
def disturbed(monitor: Monitor, heart: tuple[float, float, float]) -> tuple[float, float, float]:
    """The leads with hum, noise and cautery."""
    monitor.mains_phase += monitor.mains_Hz * monitor.dt_s
    if monitor.mains_phase >= 1.0:
        monitor.mains_phase -= 1.0
    hum = monitor.mains_mV * sine(monitor.mains_phase)
    extra = CAUTERY_mV if cauterised(monitor) else 0.0
    bits = draw(int(monitor.seed), STREAM_ECG, int(monitor.sample))
    return (
        heart[0] + hum + ((bits & 0x3FF) - 511.5) * PER_SD_10 * (monitor.noise_mV[0] + extra),
        heart[1] + hum + (((bits >> 10) & 0x3FF) - 511.5) * PER_SD_10 * (monitor.noise_mV[1] + extra),
        heart[2] + hum + (((bits >> 20) & 0x3FF) - 511.5) * PER_SD_10 * (monitor.noise_mV[2] + extra),
    )
