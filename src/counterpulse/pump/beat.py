"""What a new beat does: it ends what the last one left and schedules its own inflation together with its own deflation.

Nothing is scheduled from the last beat's record (pump.md 8.2 item 3): the inflation's deflation travels with it, and a beat that comes before
it re-times it. Knows no gas and no detector. Units: samples, s.
"""

import math

from counterpulse.kernel import inline, rare
from counterpulse.pump.alarms import Alarm
from counterpulse.pump.modes import by_lead, by_r, refractory_s
from counterpulse.pump.pulse import PULSELESS_BEATS, regular_by_r
from counterpulse.pump.settings import Deflation, Inflation, Settings, Trigger
from counterpulse.pump.state import Balloon, Pump, empty, source_delay_s
from counterpulse.pump.timing import (
    FALL_BEFORE_RISE_S,
    MARGIN_SDS,
    earliest_rr,
    expect_rr,
    expected_close,
    expected_open,
    heed_width,
    learn_delay,
    learn_open,
    leeway,
    open_margin,
    open_sd,
    rr_before,
)
from counterpulse.signals.closure import PAST, begin_closure, decides_s, end_closure, move_mark
from counterpulse.signals.flow import begin_flow
from counterpulse.signals.opening import BACK_S, LOOK_S, opened_s
from counterpulse.signals.quality import Signal
from counterpulse.signals.sample import Source

LEARN_BEATS = 5  # unassisted at the start, for R-R and notch
LEARN_BEATS_WITHOUT_NOTCH = 8
LEARN_NOTCHES = 3  # of five beats the first passes before the console can look back
START_AT_HALF = 3  # inflations in every other beat at first: the beats between show the closure after an assisted diastole (assumed)
# Beats between two that are left unassisted so that their closure can be seen: at first, growing so many fold up to, and in irregular rhythm (assumed).
LESSON_FIRST, LESSON_GROWS, LESSON_EVERY, LESSON_IRREGULAR = 32, 4, 320, 32
EARLIEST_INFLATION_S = 0.15  # after the mark of an ECG beat: pump.md 10, never inflated at QRS + 120 ms
SHORTEST_FILLED_S = 0.06  # a shorter stay is not worth the gas (assumed)
LONGEST_FILLED_S = 1.5  # whatever happens: stagnant blood and missed beats (assumed)
IN_TIME_SHARE = 0.85  # of the median R-R: a beat earlier than this was not to be expected (assumed)
LONGEST_TO_RISE_S = 0.5  # R wave to upstroke on the latest line (assumed; radial up to 0.23 s behind the root)
RISE_AFTER_OPENING_S = 0.02  # end of the steepest 16 ms of the upstroke after the opening of the valve (simulated root pressures)
HALF_STEP_S = 0.006  # the predictor speaks every 8 ms, of a sample 2 ms ago
LONG_EMPTY_S = 0.25  # a balloon told to empty so long before the R wave no longer matters to the upstroke
R_WAVE_WAIT = 1.25  # R-wave policy: the balloon waits this many of the longest recent R-R for an R
INTO_EJECTION_S, SEEN_AFTER_R_S = 0.02, 0.02  # CONTRACTS: 20 ms into ejection; a rising QRS is seen about so long after its R at the latest
# A balloon fills later against a higher pressure: by so much, about the pressure at which `line_delay_ms` holds. One that has no time to fill whole against it
# has a tenth of what it will hold sooner: by so much per mmHg beyond FILLS_AT_mmHg, falling off with the stay (drawn patients, benchmarks/gas_fill.py)
LATER_S_PER_mmHg, DELAY_HOLDS_AT_mmHg, MOST_LATER_S = 0.000102, 75.5, 0.015
SOONER_S_PER_mmHg, FILLS_AT_mmHg, SOONER_STAY_S = 0.00047, 70.0, 0.06
# The catheter's T90 holds down to this diastolic pressure; below it the gas comes home later (simulated drive, thirteen presets and three made lower or higher)
EMPTY_SHARE_PER_mmHg, EMPTY_HOLDS_AT_mmHg, EMPTY_MOST = 0.0046, 40.0, 0.15
AFTER_EARLY_S = 0.05  # a premature beat leaves the aorta low: the next valve opens sooner, and the balloon empties later (simulated: 40 and 14 ms)
GAP_S = 3.0  # a longer pause starts the rhythm afresh


@inline
def refractory(pump: Pump) -> float:
    """Samples after a beat's mark within which no other can begin."""
    usual_s = pump.expect.median_s
    if pump.choice.trigger == Trigger.PRESSURE:  # the detector knows of pulses that were refused: one in two taken would go on for ever
        o = pump.senses.onset
        usual_s = min(usual_s, o.gap_n * o.thin.every / pump.fs_hz)
    return refractory_s(pump.choice.trigger, usual_s) * pump.fs_hz


@rare
def take_beat(settings: Settings, pump: Pump, at: int) -> None:
    """A beat with its mark at sample `at`: end what the last one left, then schedule this one."""
    since = at - pump.beat_at
    if pump.beat_at >= 0 and since < refractory(pump) and pump.choice.trigger != Trigger.INTERNAL:
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
    pump.pulse.beats += 1
    pump.irregular = pump.expect.irregular
    pump.expect.by_opening = 1 if pump.choice.trigger == Trigger.PRESSURE else 0
    if pump.senses.onset.low_mmHg > 0.0:
        pump.expect.low_mmHg = pump.senses.onset.low_mmHg
    if by_lead(pump.choice.trigger):
        heed_width(pump.expect, pump.senses.r.width_s)
    if pump.balloon == Balloon.FILLED:
        end_last(settings, pump, at)
    begin_pulse_of(settings, pump)
    schedule(settings, pump, at)


@inline
def begin_pulse_of(settings: Settings, pump: Pump) -> None:
    """Let the predictor of closure begin with this beat, in the time of the source."""
    c = pump.senses.closure
    end_closure(c, c.closes_s, False)
    if c.rise_s >= 0.0 and by_lead(pump.choice.trigger) and pump.choice.pressure_source != Source.ROOT:
        learn_delay(pump.expect, c.rise_s - RISE_AFTER_OPENING_S, pump.choice.source_delay_ms * 0.001, pump.choice.pressure_source)
    delay_s = source_delay_s(pump)
    base_s = expected_close(pump.expect, pump.choice.trigger == Trigger.PRESSURE) + delay_s
    emptied_s = min(max((pump.beat_at - pump.deflate_at) / pump.fs_hz, 0.0), LONG_EMPTY_S) if pump.deflate_at >= 0 else LONG_EMPTY_S
    c.rr_s = pump.expect.last_rr_s
    c.rr_before_s = rr_before(pump.expect)
    c.uneven = int(pump.expect.irregular != 0 and pump.choice.pressure_source == Source.ROOT)
    begin_closure(c, base_s, settings.line_delay_ms * 0.001 + delay_s + HALF_STEP_S, emptied_s)
    begin_flow(pump.senses.flow, base_s, settings.line_delay_ms * 0.001 + delay_s)


@inline
def opening_delay_s(pump: Pump) -> float:
    """By how much the chosen pressure shows the opening late: more than the fall at closure, of which `source_delay_s` is the delay."""
    return source_delay_s(pump) + max(FALL_BEFORE_RISE_S[pump.choice.pressure_source] - RISE_AFTER_OPENING_S, 0.0)


@inline
def mark_of(pump: Pump, foot_at: int) -> int:
    """Mark of a pulse whose upstroke the source shows at `foot_at`. The source's delay as known now dates the beat before anew."""
    if pump.choice.pressure_source != Source.ROOT and pump.dated_n >= 0 and regular_by_r(pump.pulse, pump.count, pump.fs_hz):
        learn_line(pump)
    delay = int(opening_delay_s(pump) * pump.fs_hz + 0.5)
    if pump.dated_n >= 0 and pump.beat_at >= 0:
        pump.beat_at -= delay - pump.dated_n
        move_mark(pump.senses.closure, (delay - pump.dated_n) / pump.fs_hz)
    pump.dated_n = delay
    return foot_at - delay


@inline
def learn_line(pump: Pump) -> None:
    """R waves that come regularly beside the pressure trigger tell how late the line shows the last upstroke, as under an ECG trigger."""
    c = pump.senses.closure
    rise_at = pump.beat_at + c.rise_s * pump.fs_hz
    r_at = pump.r_at
    if r_at >= rise_at:
        r_at = pump.pulse.r_at
    if r_at >= rise_at:
        r_at = pump.pulse.r_before_at
    seen_s = (rise_at - r_at) / pump.fs_hz - RISE_AFTER_OPENING_S
    if c.rise_s >= 0.0 and 0.0 < seen_s < LONGEST_TO_RISE_S:
        heed_width(pump.expect, pump.senses.r.width_s)
        learn_delay(pump.expect, seen_s, pump.choice.source_delay_ms * 0.001, pump.choice.pressure_source)


@inline
def see_opening(pump: Pump) -> None:
    """Early in systole, and before the balloon fills, learn from the root's pressure when the valve has opened; once a beat."""
    o, c = pump.senses.onset, pump.senses.closure
    if o.new == 0 or pump.beat_at < 0 or pump.opened_beat == pump.beat_number or pump.choice.pressure_source != Source.ROOT or not by_lead(pump.choice.trigger):
        return
    age_s = (pump.count - 0.5 * (o.thin.every - 1) - pump.beat_at) / pump.fs_hz
    if age_s < LOOK_S and pump.inflate_at < pump.beat_at:
        return
    pump.opened_beat = pump.beat_number
    if age_s < LOOK_S + SEEN_AFTER_R_S:
        opened = opened_s(c.past, PAST, c.now, c.step_s, age_s)
        if opened > BACK_S and usual(pump):
            learn_open(pump.expect, opened, 0.0)


@inline
def usual(pump: Pump) -> bool:
    """True if this beat came neither early nor late: only such an opening is to be foretold; after another interval heart and aorta are filled otherwise."""
    return abs(pump.rr_s - pump.expect.median_s) <= (1.0 - IN_TIME_SHARE) * pump.expect.median_s


@inline
def against_pressure(pump: Pump) -> float:
    """How much later than its line delay the balloon will be seen to fill, s: against the pressure of now, or the middle of what a late line shows."""
    o = pump.senses.onset
    here = pump.senses.pressure.good if pump.choice.pressure_source <= Source.LUMEN else 0.5 * (o.low_mmHg + o.high_mmHg)
    later = LATER_S_PER_mmHg * (here - DELAY_HOLDS_AT_mmHg)
    if pump.inflate_due >= 0:
        stay_s = (pump.deflate_next - pump.inflate_due) / pump.fs_hz
        later -= SOONER_S_PER_mmHg * max(here - FILLS_AT_mmHg, 0.0) * math.exp(-max(stay_s, SHORTEST_FILLED_S) / SOONER_STAY_S)
    return min(max(later, -MOST_LATER_S), MOST_LATER_S)


@inline
def inflation_start(settings: Settings, pump: Pump) -> float:
    """Samples from the mark of this beat to the command to drive."""
    if pump.choice.close_s > 0.0:
        closes = pump.choice.close_s
    elif pump.choice.trigger == Trigger.INTERNAL:
        closes = expected_close(pump.expect, False)
    elif settings.inflation == Inflation.FLOW:
        closes = pump.senses.flow.closes_s - source_delay_s(pump)
    else:
        closes = decides_s(pump.senses.closure) - source_delay_s(pump)
    later = against_pressure(pump) if pump.choice.trigger != Trigger.INTERNAL else 0.0  # a tick comes anywhere in the pulse
    start = closes + (pump.choice.inflation_trim_ms - settings.line_delay_ms) * 0.001 - later
    if pump.choice.trigger != Trigger.PRESSURE:
        start = max(start, EARLIEST_INFLATION_S)
    return start * pump.fs_hz


@inline
def retime(settings: Settings, pump: Pump) -> None:
    """The pressure has told more of when this beat's valve will close: move the inflation that waits."""
    s = pump.senses
    fresh = s.flow.fresh if settings.inflation == Inflation.FLOW else s.closure.fresh
    if pump.inflate_due < 0 or fresh == 0 or pump.choice.trigger == Trigger.INTERNAL or pump.balloon == Balloon.FILLED:
        return
    s.closure.fresh = 0
    s.flow.fresh = 0
    pump.inflate_due = pump.beat_at + int(inflation_start(settings, pump) + 0.5)


@inline
def lesson_due(pump: Pump) -> bool:
    """True when a beat should be left unassisted so that its closure can be seen: rarely, and rarer the more have been seen."""
    if pump.choice.ratio != 1 or pump.inflations < 1:
        return False
    if pump.inflations <= START_AT_HALF:
        return pump.inflated_beat == pump.beat_number - 1
    if pump.inflated_beat < pump.beat_number - 1:  # the beat before went without: it has just been seen
        return False
    wait = pump.lesson_wait
    if pump.expect.irregular != 0:
        wait = min(wait, LESSON_IRREGULAR)
    return pump.beat_number - max(pump.left_out_beat, pump.seen_beat) >= wait


@inline
def end_last(settings: Settings, pump: Pump, at: int) -> None:
    """The next beat is here and the balloon still filled: empty now, or, if the clinician asked for late deflation, when that is due."""
    ideal = at + emptying_start(settings, pump)
    if pump.choice.deflation_trim_ms > 0.0 and by_lead(pump.choice.trigger) and in_time(pump, at) and ideal > pump.count:
        pump.deflate_due = ideal
        return
    if not in_time(pump, at):
        pump.aborts += 1
    empty(pump)


@inline
def in_time(pump: Pump, at: int) -> bool:
    """True if a beat at `at` was to be expected then; an earlier one is an unexpected beat."""
    before = at - pump.rr_s * pump.fs_hz
    return at - before >= IN_TIME_SHARE * pump.expect.median_s * pump.fs_hz


@inline
def emptying_s(settings: Settings, pump: Pump) -> float:
    """From the command to vacuum to 10 % left, at this patient's diastolic pressure, s."""
    low_mmHg = pump.senses.onset.low_mmHg
    share = EMPTY_SHARE_PER_mmHg * (EMPTY_HOLDS_AT_mmHg - low_mmHg) if low_mmHg > 0.0 else 0.0
    return settings.empty_s * (1.0 + min(max(share, 0.0), EMPTY_MOST))


@rare
def emptying_start(settings: Settings, pump: Pump) -> int:
    """Samples from the R wave of the next beat to the command to vacuum, so that the balloon has emptied when the valve opens."""
    opens = expected_open(pump.expect) - open_margin(pump.expect) if pump.choice.trigger != Trigger.PRESSURE else 0.0
    return int((opens - emptying_s(settings, pump) + pump.choice.deflation_trim_ms * 0.001) * pump.fs_hz + 0.5)


@inline
def counted_rr(pump: Pump) -> float:
    """The R-R that deflation counts with, s. Who asks for a later deflation takes the margin for early beats away first."""
    counted = earliest_rr(pump.expect) + leeway(pump.expect)
    if pump.rr_s < IN_TIME_SHARE * pump.expect.median_s:
        counted -= AFTER_EARLY_S
    return min(counted + max(pump.choice.deflation_trim_ms, 0.0) * 0.001, max(pump.expect.next_rr_s, counted))


@inline
def schedule(settings: Settings, pump: Pump, at: int) -> None:
    """Inflation and, with it, deflation for the beat marked at `at`."""
    pump.inflate_due = -1
    pump.assisted = 0
    if pump.choice.standby != 0 or settings.volume_mL <= 0.0 or pump.beat_number % pump.choice.ratio != 0:
        return
    if pump.choice.trigger != Trigger.INTERNAL and (pulseless(pump) or not ready(pump)):
        return
    if pump.choice.trigger != Trigger.INTERNAL and lesson_due(pump):
        pump.left_out_beat = pump.beat_number
        pump.lesson_wait = min(LESSON_GROWS * pump.lesson_wait, LESSON_EVERY) if pump.inflations > START_AT_HALF else LESSON_FIRST
        return
    pump.assisted = 1
    fs = pump.fs_hz
    due = at + inflation_start(settings, pump)
    if pump.choice.trigger == Trigger.INTERNAL:
        ends = at + 60.0 / max(settings.internal_rate_per_min, 1.0) * fs + emptying_start(settings, pump)
    elif by_r_wave(pump) and r_wave_in_time(settings, pump):
        ends = at + R_WAVE_WAIT * longest_rr(pump) * fs
    else:
        ends = at + counted_rr(pump) * fs + emptying_start(settings, pump)
    ends = min(ends, due + LONGEST_FILLED_S * fs)
    if ends - due < SHORTEST_FILLED_S * fs:
        pump.omitted += 1
        pump.too_short += 1
        return
    pump.too_short = 0
    pump.inflate_due = int(due + 0.5)
    pump.deflate_next = int(ends + 0.5)


@inline
def pulseless(pump: Pump) -> bool:
    """True where waves of a lead are taken for beats and a pressure that can be believed shows that they move no blood."""
    told = pump.pulse.beats > PULSELESS_BEATS or pump.alarms.raised[Alarm.NO_PULSE] >= 0
    return told and by_lead(pump.choice.trigger) and pump.senses.pressure.state == Signal.GOOD


@inline
def ready(pump: Pump) -> bool:
    """True once rhythm and notch are known well enough to assist."""
    if pump.inflations > 0 and pump.since_start >= 2 and pump.expect.close_n > 0:
        return True
    if pump.since_start < LEARN_BEATS:
        return False
    return pump.expect.close_n >= LEARN_NOTCHES or pump.since_start >= LEARN_BEATS_WITHOUT_NOTCH


@inline
def by_r_wave(pump: Pump) -> bool:
    """Deflation at the R wave is asked for, or goes with the trigger."""
    return (pump.choice.deflation == Deflation.R_WAVE and by_r(pump.choice.trigger)) or pump.choice.trigger == Trigger.AF


@inline
def r_wave_in_time(settings: Settings, pump: Pump) -> bool:
    """True if a balloon told to empty at the R wave has done so 20 ms after the valve opens (pump.md 2.4); else R-wave deflation gets a schedule too."""
    return expected_open(pump.expect) - MARGIN_SDS * open_sd(pump.expect) + INTO_EJECTION_S >= emptying_s(settings, pump) + SEEN_AFTER_R_S


@inline
def longest_rr(pump: Pump) -> float:
    """The longest of the recent R-R, s."""
    longest = pump.expect.median_s
    for i in range(min(pump.expect.rr_n, pump.expect.rr_s.size)):
        longest = max(longest, pump.expect.rr_s[i])
    return longest
