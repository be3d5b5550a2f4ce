"""Turns samples into beats: the chosen ECG lead, the chosen pressure or the console's own clock.

Knows no timing of the balloon beyond the stretch in which its own wave must not count.

The mark of a beat is its R peak (ECG), the opening of the valve as the source shows it less the source's assumed delay (pressure) or a
tick (internal), as a sample count. -1 = none.
"""

from counterpulse.kernel import inline
from counterpulse.pump.settings import Trigger
from counterpulse.record import Record
from counterpulse.signals.filters import samples
from counterpulse.signals.notch import Notch, begin_pulse, find_notch, notch_finder
from counterpulse.signals.onset import Onset, find_onset, pressure_onset
from counterpulse.signals.quality import Signal, Watch, ecg_watch, look, pressure_watch
from counterpulse.signals.rwave import RWave, find_r, r_wave

SPIKE_S = 0.012  # after a pacing spike the lead is held at its value before (assumed; pulses last 0.5-2 ms, monitors smear them)


class Senses(Record):
    """Detectors and door keepers of the chosen lead and source, and what they found at this sample."""

    ecg: Watch
    pressure: Watch
    r: RWave
    onset: Onset
    notch: Notch
    spike_n: int = 12
    held_n: int = 0  # samples for which the lead is still held after a spike
    r_at: int = -1  # R peak found at this sample
    foot_at: int = -1  # upstroke found at this sample, as the source shows it
    notch_at: int = -1  # minimum of the dicrotic notch, known at this sample
    close_at: int = -1  # closure of the valve that it tells of, as the source shows it


def senses(fs_hz: float) -> Senses:
    """Detectors for signals at `fs_hz`, knowing nothing yet."""
    return Senses(
        ecg=ecg_watch(fs_hz), pressure=pressure_watch(fs_hz), r=r_wave(fs_hz), onset=pressure_onset(fs_hz), notch=notch_finder(fs_hz),
        spike_n=samples(SPIKE_S, fs_hz),
    )  # fmt: skip


@inline
def sense_ecg(s: Senses, count: int, value: float, off: int, spike: int) -> None:
    """One sample of the lead: sets `r_at`."""
    s.r_at = -1
    if spike != 0:
        s.held_n = s.spike_n
    if s.held_n > 0 and off == 0 and value == value:  # noqa: PLR0124  NaN is a loss, not a spike
        s.held_n -= 1
        value = s.ecg.good
        s.ecg.same = 0
    if look(s.ecg, value, off) != Signal.GOOD:
        s.r.fresh = 1
        return
    lag = find_r(s.r, s.ecg.good)
    if lag >= 0.0:
        s.r_at = count - int(lag + 0.5)


@inline
def sense_pressure(s: Senses, count: int, value: float) -> None:
    """One sample of the pressure: sets `foot_at` and `notch_at`."""
    s.foot_at = -1
    s.notch_at = -1
    if look(s.pressure, value, 0) != Signal.GOOD:
        s.onset.fresh = 1
        s.notch.stage = 0
        return
    lag = find_onset(s.onset, s.pressure.good)
    if s.onset.new == 0:
        return
    every = s.onset.thin.every
    ago = find_notch(s.notch, s.onset.smoothed_mmHg)
    if ago >= 0:
        s.notch_at = count - int(ago * every + s.onset.delay + 0.5)
        s.close_at = count - int(s.notch.closed_ago * every + s.onset.delay + 0.5)
    if lag >= 0.0:
        s.foot_at = count - int(lag + 0.5)
        begin_pulse(s.notch, int((lag - s.onset.delay) / every + 0.5), s.onset.high_mmHg - s.onset.low_mmHg)


@inline
def lost(s: Senses, trigger: int) -> bool:
    """True while the chosen trigger's own channel cannot be believed: an observable loss."""
    if trigger == Trigger.ECG:
        return s.ecg.state != Signal.GOOD
    if trigger == Trigger.PRESSURE:
        return s.pressure.state != Signal.GOOD
    return False


@inline
def blinded(foot_at: int, inflate_at: int, deflate_at: int, after: int) -> bool:
    """True if an upstroke at `foot_at` (source delay removed) may be the balloon's own: from the command to drive to `after` past vacuum."""
    return inflate_at >= 0 and foot_at >= inflate_at and (deflate_at < inflate_at or foot_at <= deflate_at + after)
