"""The console: one sample in, one gas command out. Causal; never told anything about the patient; never raises, never allocates.

Order of one sample: gas waveform, detectors, a beat if there is one (which ends or re-times what the last one left and schedules its own
inflation with its own deflation), then the balloon. A deflation once owed is always carried out: a new inflation waits until the balloon has
emptied. Counts are samples since the start, the first sample is 0, -1 = none. Units: mmHg, mV, mL, s.

The autopilot writes `pump.choice`, the lookout the alarms, every 40 ms; nothing here writes `Settings`.
"""

from counterpulse.kernel import inline, kernel, rare
from counterpulse.pump.autopilot import choose, decide, take_trims
from counterpulse.pump.beat import IN_TIME_SHARE, SHORTEST_FILLED_S, mark_of, opening_delay_s, refractory, retime, see_opening, take_beat
from counterpulse.pump.helium import keep_books
from counterpulse.pump.lessons import learn_heard, learn_seen
from counterpulse.pump.lookout import look_around
from counterpulse.pump.modes import by_lead, counts
from counterpulse.pump.pilot import hear_channels, mark_channels, pilot
from counterpulse.pump.ping import listen_for_ping
from counterpulse.pump.pneumatics import watch_empty, watch_filled
from counterpulse.pump.pulse import see_pulse, watch_pulse
from counterpulse.pump.settings import Settings, Trigger
from counterpulse.pump.state import Balloon, Pump, empty, fill, source_delay_s
from counterpulse.pump.timing import earliest_rr, forget_open
from counterpulse.pump.trigger import blinded, follow_pulse, lost, sense_ecg, sense_pressure, senses
from counterpulse.refusal import RefusalError
from counterpulse.signals.closure import listen_to
from counterpulse.signals.early import forget_early, qrs_begins
from counterpulse.signals.flow import forget_flow
from counterpulse.signals.pacing import forget_spikes
from counterpulse.signals.quality import Signal
from counterpulse.signals.rwave import forget_r, qrs_under_way
from counterpulse.signals.sample import Command, Sample, Source, Valve

__all__ = ["Balloon", "Pump", "control", "start_pump"]

OWN_WAVE_S = 0.06  # pump.md 2.2: blanked until deflation + 60 ms
LATE_S = 0.04  # an inflation later than this is left out (pump.md 3.6: late above 40 ms)


def start_pump(settings: Settings, fs_hz: float) -> Pump:
    """A console switched on, for samples at `fs_hz`. Raises RefusalError if a setting or the rate is out of range."""
    Settings.check(settings)
    if not 125.0 <= fs_hz <= 1000.0:
        raise RefusalError(f"The sampling rate is {fs_hz:g} Hz; the pump takes 125 to 1000 Hz.")
    pump = Pump(senses=senses(fs_hz), pilot=pilot(fs_hz), fs_hz=fs_hz)
    take_settings(settings, pump)
    pump.heard = pump.choice
    return pump


@rare
def take_settings(settings: Settings, pump: Pump) -> None:
    """Begin with what the clinician set; a kernel of its own, since what melts into others is compiled anew in each process that calls it alone."""
    choose(settings, pump)
    take_trims(settings, pump)
    listen_to(pump.senses.closure, pump.choice.pressure_source)


@kernel
def control(settings: Settings, pump: Pump, sample: Sample) -> Command:
    """One sample of the console; both records are read and written in place."""
    pump.count += 1
    choose(settings, pump)
    heed_choice(pump)
    hear_channels(pump.pilot, sample)
    s = pump.senses
    lead = pump.choice.ecg_lead
    sense_ecg(s, pump.count, sample.ecg_mV[lead], sample.lead_off[lead], sample.pacer_spike, pump.choice.trigger)
    if s.r_at >= 0:  # under the pressure trigger too: it tells the rhythm, and is ready when the autopilot comes back to it
        pump.r_at = s.r_at
    if pump.choice.trigger == Trigger.PRESSURE and own_wave(settings, pump):
        s.onset.own_n = s.onset.now
    sense_pressure(s, pump.count, sample.arterial_mmHg[pump.choice.pressure_source])
    if s.pressure.state == Signal.GOOD:
        watch_pulse(pump.pulse, pump.count, s.pressure.good, under_balloon(settings, pump), pump.fs_hz)
    follow_pulse(s, pump.count, pump.beat_at, pump.fs_hz)
    see_opening(pump)
    if settings.gas_watched != 0:  # along a recording the balloon that shows in the pressure is another console's
        listen_for_ping(pump, settings.line_delay_ms * 0.001)
    listen(settings, pump)
    retime(settings, pump)
    fill_mL = move(settings, pump, sample.balloon_mmHg)
    if pump.count >= pump.look_due:
        mark_channels(pump.pilot)
        decide(settings, pump)
        fill_mL += look_around(settings, pump, sample)
    return Command(Valve.DRIVE if pump.balloon == Balloon.FILLED else Valve.VACUUM, fill_mL)


@inline
def heed_choice(pump: Pump) -> None:
    """A new trigger, lead or source is learned afresh; whatever is in the balloon leaves first."""
    new, old = pump.choice, pump.heard
    if new.trigger == old.trigger and new.ecg_lead == old.ecg_lead and new.pressure_source == old.pressure_source:
        return
    if new.trigger != old.trigger:
        pump.taken_at = pump.count
        forget_open(pump.expect)  # a source's leaving does not change the heart
    if new.trigger != old.trigger or new.pressure_source != old.pressure_source:
        pump.expect.close_n = 0
        pump.dated_n = -1
        listen_to(pump.senses.closure, new.pressure_source)
        forget_flow(pump.senses.flow)
    if new.ecg_lead != old.ecg_lead:
        forget_r(pump.senses.r)
        forget_early(pump.senses.early)
        forget_spikes(pump.senses.pacing)
    near = new.trigger != old.trigger and new.pressure_source == Source.FEMORAL  # `pump.ping`: the pressure trigger does not go by the balloon's wave there
    if new.pressure_source != old.pressure_source or near:  # else another trigger leaves the line as late as it is
        pump.expect.delay_n = 0
        pump.expect.delay_s = 0.0
        pump.expect.ping_n = 0
        pump.expect.ping_s = 0.0
    if new.pressure_source != old.pressure_source:
        pump.senses.onset.fresh = 1
        pump.senses.onset.stretches = 0
    old.trigger = new.trigger
    old.ecg_lead = new.ecg_lead
    old.pressure_source = new.pressure_source
    pump.since_start = 0
    pump.senses.paced_at = -1
    pump.inflate_due = -1
    if pump.balloon == Balloon.FILLED:
        empty(pump)


@inline
def listen(settings: Settings, pump: Pump) -> None:
    """What the detectors found at this sample becomes a beat or a lesson."""
    s = pump.senses
    delay = int(opening_delay_s(pump) * pump.fs_hz + 0.5)
    if by_lead(pump.choice.trigger):
        if s.r_at >= 0 and s.r.organised != 0 and counts(pump.choice.trigger, s.r.width_s):
            take_beat(settings, pump, s.r_at)
        if s.paced_at >= 0 and pump.count >= s.paced_at:
            take_beat(settings, pump, s.paced_at)
            s.paced_at = -1
    elif pump.choice.trigger == Trigger.PRESSURE:
        if s.foot_at >= 0 and not blinded(s.foot_at - delay, pump.inflate_at, pump.deflate_at, int(own_s(settings, pump) * pump.fs_hz)):
            take_beat(settings, pump, mark_of(pump, s.foot_at))
    elif pump.beat_at < 0 or pump.count - pump.beat_at >= 60.0 / max(settings.internal_rate_per_min, 1.0) * pump.fs_hz:
        take_beat(settings, pump, pump.count)
    if s.foot_at >= 0 and pump.irregular == 0:  # in fibrillation the balloon's own waves are found as pulses
        see_pulse(pump.pulse, pump.count)
    learn_seen(pump)
    learn_heard(settings, pump)
    if pump.choice.trigger != Trigger.PRESSURE and pump.balloon == Balloon.FILLED and (qrs_under_way(s.r) or qrs_begins(s.early, s.r)):
        heed_rise(pump)


@inline
def own_s(settings: Settings, pump: Pump) -> float:
    """After the command to vacuum, until what comes may be the heart's: the aorta swings back as the balloon empties, and no predictable beat comes yet."""
    due_s = (pump.beat_at - pump.deflate_at) / pump.fs_hz + earliest_rr(pump.expect)
    return max(OWN_WAVE_S, min(settings.empty_s, due_s))


@inline
def own_wave(settings: Settings, pump: Pump) -> bool:
    """Whether what the chosen pressure shows at this sample, smoothed as the detector of pulses has it, may be the balloon's own wave (`trigger.blinded`)."""
    late = opening_delay_s(pump) * pump.fs_hz + pump.senses.onset.delay
    if pump.inflate_at < 0 or pump.count < pump.inflate_at + late:
        return False
    return pump.deflate_at < pump.inflate_at or pump.count <= pump.deflate_at + own_s(settings, pump) * pump.fs_hz + late


@inline
def under_balloon(settings: Settings, pump: Pump) -> bool:
    """Whether the balloon may move the chosen pressure at this sample: from its first effect until it has emptied, as the source shows it."""
    late, learned = pump.choice.source_delay_ms * 0.001, source_delay_s(pump)
    begins = pump.inflate_at + int((min(late, learned) + 0.5 * settings.line_delay_ms * 0.001) * pump.fs_hz)
    ends = pump.deflate_at + int((max(late, learned) + settings.empty_s) * pump.fs_hz)
    return pump.inflate_at >= 0 and pump.count >= begins and (pump.deflate_at < pump.inflate_at or pump.count < ends)


@rare
def heed_rise(pump: Pump) -> None:
    """A QRS is rising under a filled balloon: do not wait for its peak, unless this is the beat whose late deflation was asked for."""
    since = pump.count - pump.beat_at
    if since < refractory(pump) or pump.beat_at < 0:
        return
    if pump.choice.deflation_trim_ms > 0.0 and since >= IN_TIME_SHARE * pump.expect.median_s * pump.fs_hz:
        return
    if since < IN_TIME_SHARE * pump.expect.median_s * pump.fs_hz:
        pump.aborts += 1
    empty(pump)


@inline
def move(settings: Settings, pump: Pump, balloon_mmHg: float) -> float:
    """The balloon's state at this sample; returns helium to add, mL."""
    fs = pump.fs_hz
    blind = lost(pump.senses, pump.choice.trigger)
    if blind or pump.choice.standby != 0 or settings.volume_mL <= 0.0:
        pump.inflate_due = -1
    if pump.balloon == Balloon.FILLED:
        watch_filled(pump.gas, balloon_mmHg, pump.senses.pressure.good, (pump.count - pump.inflate_at) / fs, fs)
        if pump.inflate_due < 0 and (blind or pump.choice.standby != 0 or settings.volume_mL <= 0.0):
            pump.aborts += 1
            empty(pump)
        elif pump.count >= pump.deflate_due:
            empty(pump)
        return 0.0
    watch_empty(pump.gas, balloon_mmHg, (pump.count - pump.deflate_at) / fs, pump.books.usual_mmHg, fs)
    if pump.balloon == Balloon.EMPTYING:
        if pump.count - pump.deflate_at < settings.empty_s * fs:
            return 0.0
        pump.balloon = Balloon.EMPTY
    if pump.inflate_due < 0 or pump.count < pump.inflate_due:
        return 0.0
    return start_filling(settings, pump)


@rare
def start_filling(settings: Settings, pump: Pump) -> float:
    """An inflation is due and the balloon empty: drive, unless it has become too late. Returns helium to add, mL."""
    fs = pump.fs_hz
    if pump.count - pump.inflate_due > LATE_S * fs or pump.deflate_next - pump.count < SHORTEST_FILLED_S * fs:
        pump.inflate_due = -1
        pump.omitted += 1
        return 0.0
    fill(pump, settings.empty_s)
    return keep_books(pump.books, pump.gas, pump.count, fs, settings.volume_mL + settings.dead_mL) if settings.gas_watched != 0 else 0.0
