"""Turns samples into beats: the chosen ECG lead, its pacing spikes, the chosen pressure or the console's own clock.

Knows no timing of the balloon beyond the stretch in which its own wave must not count.

The mark of a beat is its R peak (with a spike as trigger the place where that peak is due), the opening of the valve as the source shows it
less the source's assumed delay (pressure) or a tick (internal), as a sample count. -1 = none.
"""

from counterpulse.kernel import inline, rare
from counterpulse.pump.modes import by_lead
from counterpulse.pump.settings import Trigger
from counterpulse.record import Record
from counterpulse.signals.closure import Closure, closure_predictor, predict
from counterpulse.signals.early import Early, learn_early
from counterpulse.signals.flow import Flow, follow_flow
from counterpulse.signals.notch import Notch, begin_pulse, find_notch, notch_finder
from counterpulse.signals.onset import Onset, find_onset, pressure_onset
from counterpulse.signals.pacing import Pacing, Spike, captures, delay_n, learn_spikes, pacing, without_spikes
from counterpulse.signals.quality import Signal, Watch, ecg_watch, look, pressure_watch
from counterpulse.signals.rwave import RWave, find_r, r_wave


class Senses(Record):
    """Detectors and door keepers of the chosen lead and source, and what they found at this sample."""

    ecg: Watch
    pressure: Watch
    r: RWave
    early: Early
    onset: Onset
    notch: Notch
    closure: Closure
    flow: Flow
    pacing: Pacing
    r_at: int = -1  # R peak found at this sample
    paced_at: int = -1  # where the R wave of the last spike is due, once a spike has been seen and until it is reached
    foot_at: int = -1  # upstroke found at this sample, as the source shows it
    notch_at: int = -1  # minimum of the dicrotic notch, known at this sample
    close_at: int = -1  # closure of the valve that it tells of, as the source shows it


def senses(fs_hz: float) -> Senses:
    """Detectors for signals at `fs_hz`, knowing nothing yet."""
    return Senses(
        ecg=ecg_watch(fs_hz), pressure=pressure_watch(fs_hz), r=r_wave(fs_hz), early=Early(), onset=pressure_onset(fs_hz), notch=notch_finder(fs_hz),
        closure=closure_predictor(fs_hz), flow=Flow(), pacing=pacing(fs_hz),
    )  # fmt: skip


@inline
def sense_ecg(s: Senses, count: int, value: float, off: int, spike: int, trigger: int) -> None:
    """One sample of the lead: sets `r_at` and, where a spike is the trigger, `paced_at`."""
    s.r_at = -1
    p = s.pacing
    clean = without_spikes(p, value, spike)
    late = delay_n(p)
    if trigger == Trigger.ECG_PEAK:  # the table of pump.md 2.1: this mode lets spikes through
        clean = value
        late = 0
    if p.spike != Spike.NONE:
        heed_spike(s, count, trigger)
    if look(s.ecg, clean, off) != Signal.GOOD:
        s.r.fresh = 1
        return
    lag = find_r(s.r, s.ecg.good)
    if lag >= 0.0:
        s.r_at = count - int(lag + 0.5) - late
        learn_early(s.early, s.r)
        learn_spikes(p, s.r_at)


@rare
def heed_spike(s: Senses, count: int, trigger: int) -> None:
    """A spike of the chamber that the mode listens to says where the R wave is due. One not yet known counts as that chamber's."""
    p = s.pacing
    if not captures(p):
        return
    if trigger == Trigger.V_PACED and p.spike != Spike.ATRIAL:
        s.paced_at = max(p.spike_at + int(p.v_to_r_s * p.fs_hz + 0.5), count)
    elif trigger == Trigger.A_PACED and p.spike != Spike.VENTRICULAR:
        s.paced_at = max(p.spike_at + int(p.a_to_r_s * p.fs_hz + 0.5), count)


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
def follow_pulse(s: Senses, count: int, beat_at: int, fs_hz: float) -> None:
    """Let the predictor of closure see the new working sample, in the time of the beat marked at `beat_at`."""
    o = s.onset
    if o.new == 0 or beat_at < 0:
        return
    age_s = (count - 0.5 * (o.thin.every - 1) - beat_at) / fs_hz
    predict(s.closure, o.thin.total, age_s)
    follow_flow(s.flow, o.thin.total, age_s, s.closure.step_s)


@inline
def lost(s: Senses, trigger: int) -> bool:
    """True while the chosen trigger's own channel cannot be believed: an observable loss."""
    if by_lead(trigger):
        return s.ecg.state != Signal.GOOD
    if trigger == Trigger.PRESSURE:
        return s.pressure.state != Signal.GOOD
    return False


@inline
def blinded(foot_at: int, inflate_at: int, deflate_at: int, after: int) -> bool:
    """True if an upstroke at `foot_at` (source delay removed) may be the balloon's own: from the command to drive to `after` past vacuum."""
    return inflate_at >= 0 and foot_at >= inflate_at and (deflate_at < inflate_at or foot_at <= deflate_at + after)
