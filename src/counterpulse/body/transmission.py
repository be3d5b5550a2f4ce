"""Between monitor and console: packets that never come, samples that are no numbers, impulses, pressures whose clock runs behind. Counted noise only.

Works on what is shown already; s, mV, mmHg. Knows no heart and no line.
"""

import math

from counterpulse.body.bedside import LATEST, Monitor
from counterpulse.body.lines import clip
from counterpulse.kernel import inline, kernel
from counterpulse.noise import draw, uniform
from counterpulse.signals.sample import Sample

PACKET_S = 0.04  # assumed
SPIKE_mV, SPIKE_mmHg = 4.0, 150.0  # height of an impulse, either way; assumed
_STREAM_DROPPED, _STREAM_MISSING, _STREAM_SPIKES = 204, 205, 206


@kernel
def refresh_way(monitor: Monitor) -> None:
    """Whether anything happens on the way, and the length of a packet."""
    late = monitor.pressure_late_ms > 0.0 or monitor.pressure_drift_ppm > 0.0
    monitor.packet = max(int(PACKET_S * monitor.per_s + 0.5), 1)
    monitor.troubled = 1 if late or monitor.dropped_share > 0.0 or monitor.missing_share > 0.0 or monitor.spikes_per_min > 0.0 else 0
    if not late:
        monitor.late_samples = 0.0


@kernel
def send(monitor: Monitor, sample: Sample) -> None:
    """Do to a shown sample what happens to it on the way."""
    if monitor.pressure_late_ms > 0.0 or monitor.pressure_drift_ppm > 0.0:
        come_late(monitor, sample)
    seed, count = int(monitor.seed), int(monitor.sample)
    if monitor.spikes_per_min > 0.0 and uniform(seed, _STREAM_SPIKES, count) < monitor.spikes_per_min * monitor.dt_s / 60.0:
        strike(monitor, sample)
    if monitor.missing_share > 0.0 and uniform(seed, _STREAM_MISSING, count) < monitor.missing_share:
        for i in range(3):
            sample.ecg_mV[i] = math.nan
        for i in range(4):
            sample.arterial_mmHg[i] = math.nan
    hold(monitor, sample)


@inline
def come_late(monitor: Monitor, sample: Sample) -> None:
    """Pressures of some samples ago, read between the two that lie around that time."""
    monitor.late_samples = min(monitor.late_samples + 1e-6 * monitor.pressure_drift_ppm, LATEST - 2.0)
    ago = min(monitor.late_samples + monitor.pressure_late_ms * 0.001 * monitor.per_s, LATEST - 2.0)
    whole = int(ago)
    share = ago - whole
    count = int(monitor.sample)
    for i in range(4):
        monitor.sent_mmHg[count % LATEST, i] = sample.arterial_mmHg[i]
        newer, older = monitor.sent_mmHg[(count - whole) % LATEST, i], monitor.sent_mmHg[(count - whole - 1) % LATEST, i]
        sample.arterial_mmHg[i] = newer if share == 0.0 else newer + share * (older - newer)


@inline
def strike(monitor: Monitor, sample: Sample) -> None:
    """An impulse on everything; its side is a coin's."""
    side = 1.0 if draw(int(monitor.seed), _STREAM_SPIKES + 1, int(monitor.sample)) & 1 else -1.0
    for i in range(3):
        sample.ecg_mV[i] = clip(sample.ecg_mV[i] + side * SPIKE_mV, -monitor.ecg_rail_mV, monitor.ecg_rail_mV)
    for i in range(4):
        sample.arterial_mmHg[i] = clip(sample.arterial_mmHg[i] + side * SPIKE_mmHg, monitor.pressure_low_mmHg, monitor.pressure_high_mmHg)


@inline
def hold(monitor: Monitor, sample: Sample) -> None:
    """A packet that never comes leaves the last values standing."""
    packet = int(monitor.sample) // monitor.packet
    if monitor.dropped_share > 0.0 and uniform(int(monitor.seed), _STREAM_DROPPED, packet) < monitor.dropped_share:
        for i in range(3):
            sample.ecg_mV[i] = monitor.held_mV[i]
        for i in range(4):
            sample.arterial_mmHg[i] = monitor.held_mmHg[i]
        return
    for i in range(3):
        monitor.held_mV[i] = sample.ecg_mV[i]
    for i in range(4):
        monitor.held_mmHg[i] = sample.arterial_mmHg[i]
