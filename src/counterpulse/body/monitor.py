"""What the bedside really sees of a patient: ECG leads and arterial pressures with all that happens to them on the way. Knows no patient.

mV, mmHg, s, Hz, cm. Settings and faults stand in `body.bedside.Monitor`. A pressure passes: line (second order) -> zero and level error -> noise ->
saturation -> steps (`body.lines`), a lead its artefacts (`body.leads`); then both what happens between monitor and console (`body.transmission`).
Shown numbers are whole steps; with a power of two of steps per unit (the default) every file format holds them exactly.
NaN = not connected, lead off, lost on the way, or no true pressure to show.
"""

import math

from counterpulse.body.beat import Beat
from counterpulse.body.bedside import Monitor, Truth, adjust, start_monitor
from counterpulse.body.leads import follow, show_leads
from counterpulse.body.lines import BAG_mmHg, refresh_lines, show_pressures, to_steps
from counterpulse.body.transmission import refresh_way, send
from counterpulse.kernel import inline, kernel, rare
from counterpulse.signals.sample import Sample

__all__ = ["BAG_mmHg", "Monitor", "Truth", "adjust", "refresh", "show", "start_monitor", "to_steps"]


@rare
def refresh(monitor: Monitor) -> None:
    """Work out what follows from changed settings: line coefficients, sum of errors, which artefacts there are to add. No jump: line states stay."""
    monitor.changed = 0
    monitor.mmHg_per_step = 1.0 / max(monitor.pressure_steps_per_mmHg, 1e-9)
    monitor.mV_per_step = 1.0 / max(monitor.ecg_steps_per_mV, 1e-9)
    refresh_lines(monitor)
    refresh_way(monitor)
    noisy = 1 if monitor.cautery or monitor.mains_mV > 0.0 else 0
    on = 0
    for i in range(3):
        if monitor.noise_mV[i] > 0.0:
            noisy = 1
        if monitor.lead_off[i] == 0:
            on += 1
    monitor.noisy = noisy
    monitor.leads = on
    monitor.sees_spikes = 1 if on and monitor.spike_flag and monitor.spike_mV > 0.0 else 0


@inline
def show_console(monitor: Monitor, truth: Truth, sample: Sample) -> None:
    """What the console's own sensors say."""
    sample.blood = 1 if truth.blood_mL >= monitor.blood_seen_mL else 0
    sample.case_C = monitor.case_C
    sample.docked = monitor.docked
    sample.battery_min = math.nan
    if monitor.on_battery:
        monitor.battery_min = max(monitor.battery_min - monitor.dt_s * (1.0 / 60.0), 0.0)
        sample.battery_min = monitor.battery_min


@kernel
def show(monitor: Monitor, beat: Beat, truth: Truth, sample: Sample) -> None:
    """Fill `sample` with what the bedside sees at this instant."""
    if monitor.changed:
        refresh(monitor)
    monitor.sample += 1
    follow(monitor, beat)
    show_leads(monitor, beat, sample)
    show_pressures(monitor, truth, sample)
    show_console(monitor, truth, sample)
    sample.pacer_spike = 1 if beat.spike and monitor.sees_spikes else 0
    if monitor.troubled:
        send(monitor, sample)
