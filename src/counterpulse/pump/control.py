"""The console: one sample in, one gas command out. Causal; never told anything about the patient; never raises, never allocates.

Order of one sample: gas waveform, detectors, a beat if there is one (which ends or re-times what the last one left and schedules its own
inflation with its own deflation), then the balloon. A deflation once owed is always carried out: a new inflation waits until the balloon has
emptied. Counts are samples since the start, the first sample is 0, -1 = none. Units: mmHg, mV, mL, s.

Rooms for what follows: autopilot and alarms read `Pump` and write `Settings`; weaning writes `ratio` and `volume_mL`.
"""

from enum import IntEnum

from counterpulse.kernel import inline, kernel
from counterpulse.pump.pneumatics import Gas, begin_drive, begin_vacuum, keep_books, watch_empty, watch_filled
from counterpulse.pump.settings import Deflation, Settings, Trigger
from counterpulse.pump.timing import Expectation, earliest_rr, expect_rr, expected_close, expected_open, learn_close, learn_open
from counterpulse.pump.trigger import Senses, blinded, lost, sense_ecg, sense_pressure, senses
from counterpulse.record import Record
from counterpulse.refusal import RefusalError
from counterpulse.signals.quality import Signal
from counterpulse.signals.sample import Command, Sample, Valve


class Balloon(IntEnum):
    """What the balloon has been told."""

    EMPTY = 0
    FILLED = 1
    EMPTYING = 2


class Fault(IntEnum):
    """Why the pump does not assist as asked, or what it must say."""

    NONE = 0
    ECG_MISSING = 1
    ECG_RAIL = 2
    ECG_FLAT = 3
    PRESSURE_MISSING = 4
    PRESSURE_RAIL = 5
    PRESSURE_FLAT = 6
    NO_TRIGGER = 7
    DIASTOLE_TOO_SHORT = 8
    ECG_IN_INTERNAL = 9


SENTENCES = {
    Fault.NONE: "",
    Fault.ECG_MISSING: "The chosen ECG lead is off or gives no number.",
    Fault.ECG_RAIL: "The chosen ECG lead stands at the end of its range.",
    Fault.ECG_FLAT: "The chosen ECG lead has not moved for two seconds.",
    Fault.PRESSURE_MISSING: "The chosen arterial pressure gives no number.",
    Fault.PRESSURE_RAIL: "The chosen arterial pressure stands at the end of its range (flush or zeroing?).",
    Fault.PRESSURE_FLAT: "The chosen arterial pressure has not moved for a second.",
    Fault.NO_TRIGGER: "No beat has been found for three beats' time.",
    Fault.DIASTOLE_TOO_SHORT: "Diastole is too short to fill and empty the balloon in every beat; try 1:2.",
    Fault.ECG_IN_INTERNAL: "The heart beats while the internal trigger is in use; choose ECG or pressure.",
}

LEARN_BEATS = 4  # unassisted at the start, for R-R and notch
LEARN_BEATS_WITHOUT_NOTCH = 6
LEARN_NOTCHES = 3
REFRACTORY_S, REFRACTORY_SHARE = 0.25, 0.4  # pump.md 2.2 [P]
PRESSURE_REFRACTORY_S, PRESSURE_REFRACTORY_SHARE = 0.3, 0.5
OWN_WAVE_S = 0.06  # pump.md 2.2: blanked until deflation + 60 ms
EARLIEST_INFLATION_S = 0.15  # after the mark of an ECG beat: pump.md 10, never inflated at QRS + 120 ms
LATE_S = 0.04  # an inflation later than this is left out (pump.md 3.6: late above 40 ms)
SHORTEST_FILLED_S = 0.06  # a shorter stay is not worth the gas (assumed)
LONGEST_FILLED_S = 1.5  # whatever happens: stagnant blood and missed beats (assumed)
R_WAVE_WAIT = 1.25  # R-wave policy: the balloon waits this many of the longest recent R-R for an R
GAP_S = 3.0  # a longer pause starts the rhythm afresh
SILENCE_S = 3.0  # pump.md 2.3 item 9: no trigger after max(3 R-R, 3 s)


class Pump(Record):
    """The console's memory."""

    senses: Senses
    expect: Expectation
    gas: Gas
    fs_hz: float = 250.0
    count: int = -1  # number of this sample
    trigger: int = Trigger.ECG  # what the detectors and expectations were learned with
    ecg_lead: int = 0
    pressure_source: int = 0
    balloon: int = Balloon.EMPTY
    fault: int = Fault.NONE
    fault_at: int = -1
    r_at: int = -1  # last R wave, whatever the trigger
    beat_at: int = -1  # mark of the last beat
    beat_number: int = 0
    assisted: int = 0  # the last beat was scheduled for assistance
    inflate_at: int = -1  # last command to drive
    deflate_at: int = -1  # last command to vacuum
    inflate_due: int = -1
    deflate_next: int = -1  # deflation that belongs to `inflate_due`
    deflate_due: int = -1  # owed for the balloon that is filled now
    inflations: int = 0
    aborts: int = 0  # emptied at once for a beat that came too soon or a signal that was lost
    omitted: int = 0  # beats that policy wanted assisted and that were not
    too_short: int = 0  # of these, in a row, for want of diastole
    since_start: int = 0  # beats since the start or the last gap
    inflated_beat: int = -1  # number of the beat that was inflated last
    irregular: int = 0
    rr_s: float = 0.0  # last interval


def start_pump(settings: Settings, fs_hz: float) -> Pump:
    """A console switched on, for samples at `fs_hz`. Raises RefusalError if a setting or the rate is out of range."""
    Settings.check(settings)
    if not 125.0 <= fs_hz <= 1000.0:
        raise RefusalError(f"The sampling rate is {fs_hz:g} Hz; the pump takes 125 to 1000 Hz.")
    return Pump(
        senses=senses(fs_hz), fs_hz=fs_hz, trigger=settings.trigger, ecg_lead=settings.ecg_lead, pressure_source=settings.pressure_source
    )


@kernel
def control(settings: Settings, pump: Pump, sample: Sample) -> Command:
    """One sample of the console; both records are read and written in place."""
    pump.count += 1
    heed_settings(settings, pump)
    s = pump.senses
    if settings.trigger != Trigger.PRESSURE:
        lead = min(max(settings.ecg_lead, 0), 2)
        sense_ecg(s, pump.count, sample.ecg_mV[lead], sample.lead_off[lead], sample.pacer_spike)
        if s.r_at >= 0:
            pump.r_at = s.r_at
    source = min(max(settings.pressure_source, 0), 3)
    sense_pressure(s, pump.count, sample.arterial_mmHg[source])
    listen(settings, pump)
    fill_mL = move(settings, pump, sample.balloon_mmHg)
    look_around(settings, pump)
    return Command(Valve.DRIVE if pump.balloon == Balloon.FILLED else Valve.VACUUM, fill_mL)


@inline
def heed_settings(settings, pump):
    """A new trigger, lead or source is learned afresh; whatever is in the balloon leaves first."""
    if settings.trigger == pump.trigger and settings.ecg_lead == pump.ecg_lead and settings.pressure_source == pump.pressure_source:
        return
    if settings.trigger != pump.trigger or settings.pressure_source != pump.pressure_source:
        pump.expect.close_n = 0
        pump.expect.open_n = 0
    if settings.ecg_lead != pump.ecg_lead:
        pump.senses.r.fresh = 1
        pump.senses.r.beats = 0
        pump.senses.r.learn_n = pump.senses.r.now + 400
    if settings.pressure_source != pump.pressure_source:
        pump.senses.onset.fresh = 1
        pump.senses.onset.stretches = 0
    pump.trigger = settings.trigger
    pump.ecg_lead = settings.ecg_lead
    pump.pressure_source = settings.pressure_source
    pump.since_start = 0
    pump.inflate_due = -1
    if pump.balloon == Balloon.FILLED:
        empty(pump)


@inline
def listen(settings, pump):
    """What the detectors found at this sample becomes a beat or a lesson."""
    s = pump.senses
    delay = int(settings.source_delay_ms * 0.001 * pump.fs_hz + 0.5)
    if settings.trigger == Trigger.ECG:
        if s.r_at >= 0:
            take_beat(settings, pump, s.r_at)
    elif settings.trigger == Trigger.PRESSURE:
        if s.foot_at >= 0 and not blinded(s.foot_at - delay, pump.inflate_at, pump.deflate_at, int(OWN_WAVE_S * pump.fs_hz)):
            take_beat(settings, pump, s.foot_at - delay)
    elif pump.beat_at < 0 or pump.count - pump.beat_at >= 60.0 / max(settings.internal_rate_per_min, 1.0) * pump.fs_hz:
        take_beat(settings, pump, pump.count)
    learn(settings, pump, delay)
    if settings.trigger != Trigger.PRESSURE and s.r.rising != 0 and pump.balloon == Balloon.FILLED:
        heed_rise(settings, pump)


@inline
def learn(settings, pump, delay):
    """Valve times as the pressure shows them, less the source's delay. A notch that may be the balloon's own teaches nothing."""
    s = pump.senses
    if pump.beat_at < 0 or settings.trigger == Trigger.INTERNAL:
        return
    if s.foot_at >= 0 and settings.trigger == Trigger.ECG:
        learn_open(pump.expect, (s.foot_at - delay - pump.beat_at) / pump.fs_hz)
    if s.notch_at >= 0:
        seen = s.notch_at - delay
        effect = pump.inflate_at + int(settings.line_delay_ms * 0.001 * pump.fs_hz)
        if pump.inflated_beat != pump.beat_number or seen < effect - int(0.01 * pump.fs_hz):
            learn_close(pump.expect, (seen - pump.beat_at) / pump.fs_hz, settings.trigger == Trigger.PRESSURE)


@inline
def refractory(settings, pump):
    """Samples after a beat's mark within which no other can begin."""
    if settings.trigger == Trigger.PRESSURE:
        return max(PRESSURE_REFRACTORY_S, PRESSURE_REFRACTORY_SHARE * pump.expect.median_s) * pump.fs_hz
    return max(REFRACTORY_S, REFRACTORY_SHARE * min(pump.expect.median_s, 1.0)) * pump.fs_hz


@inline
def take_beat(settings, pump, at):
    """A beat with its mark at sample `at`: end what the last one left, then schedule this one."""
    since = at - pump.beat_at
    if pump.beat_at >= 0 and since < refractory(settings, pump) and settings.trigger != Trigger.INTERNAL:
        if pump.balloon == Balloon.FILLED:
            pump.aborts += 1
            empty(pump)
        return
    pump.rr_s = since / pump.fs_hz
    if pump.beat_at < 0 or pump.rr_s > GAP_S:
        pump.since_start = 0
    else:
        expect_rr(pump.expect, pump.rr_s)
    pump.beat_at = at
    pump.beat_number += 1
    pump.since_start += 1
    pump.irregular = pump.expect.irregular
    if pump.balloon == Balloon.FILLED:
        end_last(settings, pump, at)
    schedule(settings, pump, at)


@inline
def end_last(settings, pump, at):
    """The next beat is here and the balloon still filled: empty now, or, if the clinician asked for late deflation, when that is due."""
    ideal = at + emptying_start(settings, pump)
    if settings.deflation_trim_ms > 0.0 and settings.trigger == Trigger.ECG and in_time(pump, at) and ideal > pump.count:
        pump.deflate_due = ideal
        return
    if not in_time(pump, at):
        pump.aborts += 1
    empty(pump)


@inline
def in_time(pump, at):
    """True if a beat at `at` was to be expected then; an earlier one is an unexpected beat."""
    before = at - pump.rr_s * pump.fs_hz
    return at - before >= 0.85 * pump.expect.median_s * pump.fs_hz


@inline
def emptying_start(settings, pump):
    """Samples from the R wave of the next beat to the command to vacuum, so that the balloon has emptied when the valve opens."""
    opens = expected_open(pump.expect) if settings.trigger != Trigger.PRESSURE else 0.0
    return int((opens - settings.empty_s + settings.deflation_trim_ms * 0.001) * pump.fs_hz + 0.5)


@inline
def schedule(settings, pump, at):
    """Inflation and, with it, deflation for the beat marked at `at`."""
    pump.inflate_due = -1
    pump.assisted = 0
    if settings.standby != 0 or settings.volume_mL <= 0.0 or pump.beat_number % min(max(settings.ratio, 1), 3) != 0:
        return
    if settings.trigger != Trigger.INTERNAL and not ready(pump):
        return
    pump.assisted = 1
    fs = pump.fs_hz
    closes = expected_close(pump.expect, settings.trigger == Trigger.PRESSURE)
    due = at + (closes + (settings.inflation_trim_ms - settings.line_delay_ms) * 0.001) * fs
    if settings.trigger != Trigger.PRESSURE:
        due = max(due, at + EARLIEST_INFLATION_S * fs)
    if settings.trigger == Trigger.INTERNAL:
        ends = at + 60.0 / max(settings.internal_rate_per_min, 1.0) * fs + emptying_start(settings, pump)
    elif settings.deflation == Deflation.R_WAVE and settings.trigger == Trigger.ECG:
        ends = at + R_WAVE_WAIT * longest_rr(pump) * fs
    else:
        ends = at + earliest_rr(pump.expect) * fs + emptying_start(settings, pump)
    ends = min(ends, due + LONGEST_FILLED_S * fs)
    if ends - due < SHORTEST_FILLED_S * fs:
        pump.omitted += 1
        pump.too_short += 1
        return
    pump.too_short = 0
    pump.inflate_due = int(due + 0.5)
    pump.deflate_next = int(ends + 0.5)


@inline
def ready(pump):
    """True once rhythm and notch are known well enough to assist."""
    if pump.inflations > 0 and pump.since_start >= 2 and pump.expect.close_n > 0:
        return True
    if pump.since_start < LEARN_BEATS:
        return False
    return pump.expect.close_n >= LEARN_NOTCHES or pump.since_start >= LEARN_BEATS_WITHOUT_NOTCH


@inline
def longest_rr(pump):
    """The longest of the recent R-R, s."""
    longest = pump.expect.median_s
    for i in range(min(pump.expect.rr_n, pump.expect.rr_s.size)):
        longest = max(longest, pump.expect.rr_s[i])
    return longest


@inline
def heed_rise(settings, pump):
    """A QRS is rising under a filled balloon: do not wait for its peak, unless this is the beat whose late deflation was asked for."""
    r = pump.senses.r
    since = pump.count - pump.beat_at
    if since < refractory(settings, pump) or pump.beat_at < 0:
        return
    if r.now - r.last_n < r.t_wave_n and r.steepest < 0.5 * r.steep:
        return
    if settings.deflation_trim_ms > 0.0 and since >= 0.85 * pump.expect.median_s * pump.fs_hz:
        return
    if since < 0.85 * pump.expect.median_s * pump.fs_hz:
        pump.aborts += 1
    empty(pump)


@inline
def fill(pump):
    """Command to drive."""
    begin_drive(pump.gas)
    pump.balloon = Balloon.FILLED
    pump.inflate_at = pump.count
    pump.inflated_beat = pump.beat_number
    pump.deflate_due = pump.deflate_next
    pump.inflate_due = -1
    pump.inflations += 1


@inline
def empty(pump):
    """Command to vacuum."""
    begin_vacuum(pump.gas, (pump.count - pump.inflate_at) / pump.fs_hz)
    pump.balloon = Balloon.EMPTYING
    pump.deflate_at = pump.count


@inline
def move(settings, pump, balloon_mmHg):
    """The balloon's state at this sample; returns helium to add, mL."""
    fs = pump.fs_hz
    blind = lost(pump.senses, settings.trigger)
    if blind or settings.standby != 0 or settings.volume_mL <= 0.0:
        pump.inflate_due = -1
    if pump.balloon == Balloon.FILLED:
        watch_filled(pump.gas, balloon_mmHg, (pump.count - pump.inflate_at) / fs)
        if pump.inflate_due < 0 and (blind or settings.standby != 0 or settings.volume_mL <= 0.0):
            pump.aborts += 1
            empty(pump)
        elif pump.count >= pump.deflate_due:
            empty(pump)
        return 0.0
    watch_empty(pump.gas, balloon_mmHg, (pump.count - pump.deflate_at) / fs)
    if pump.balloon == Balloon.EMPTYING:
        if pump.count - pump.deflate_at < settings.empty_s * fs:
            return 0.0
        pump.balloon = Balloon.EMPTY
    if pump.inflate_due < 0 or pump.count < pump.inflate_due:
        return 0.0
    return start_filling(settings, pump)


@inline
def start_filling(settings, pump):
    """An inflation is due and the balloon empty: drive, unless it has become too late. Returns helium to add, mL."""
    fs = pump.fs_hz
    if pump.count - pump.inflate_due > LATE_S * fs or pump.deflate_next - pump.count < SHORTEST_FILLED_S * fs:
        pump.inflate_due = -1
        pump.omitted += 1
        return 0.0
    fill(pump)
    return keep_books(pump.gas, pump.count, fs, settings.circuit_mL)


@inline
def look_around(settings, pump):
    """Set `fault` to what holds now, the gravest first."""
    s = pump.senses
    fault = Fault.NONE + 0
    quiet = pump.count - max(pump.beat_at, 0)
    if settings.trigger == Trigger.ECG and s.ecg.state != Signal.GOOD:
        fault = s.ecg.state + Fault.ECG_MISSING - Signal.MISSING
    elif settings.trigger == Trigger.PRESSURE and s.pressure.state != Signal.GOOD:
        fault = s.pressure.state + Fault.PRESSURE_MISSING - Signal.MISSING
    elif quiet > max(SILENCE_S, 3.0 * pump.expect.median_s) * pump.fs_hz:
        fault = Fault.NO_TRIGGER + 0
    elif settings.trigger == Trigger.INTERNAL and pump.r_at >= 0 and pump.count - pump.r_at < 2.0 * pump.fs_hz:
        fault = Fault.ECG_IN_INTERNAL + 0
    elif pump.too_short >= 3:
        fault = Fault.DIASTOLE_TOO_SHORT + 0
    elif s.pressure.state != Signal.GOOD:
        fault = s.pressure.state + Fault.PRESSURE_MISSING - Signal.MISSING
    if fault != pump.fault:
        pump.fault = fault
        pump.fault_at = pump.count
