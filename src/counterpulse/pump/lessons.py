"""What a beat teaches of when the valve closes: the fall that ends ejection, where no balloon came.

So at 1:1 a beat is left out now and then (`beat.lesson_due`). A beat with inflation is heard until the balloon shows (`signals.fall`), against what
those lessons have shown: a console that learned from its own V would drift. Knows no gas and no schedule. Units: s.
"""

from counterpulse.kernel import inline, rare
from counterpulse.pump.settings import Settings, Trigger
from counterpulse.pump.state import Pump, source_delay_s
from counterpulse.pump.timing import IRREGULAR_STEP, PINGS_KNOWN, close_after, learn_close
from counterpulse.signals.closure import TOLD_S, closure_seen, end_closure, latest_notch_s, move_base
from counterpulse.signals.fall import hear_fall
from counterpulse.signals.flow import teach_flow
from counterpulse.signals.sample import Source

SHOWS_SHARE = 0.4  # of the time to 10 % filled: then the balloon moves the root by 0.2 to 0.4 mmHg (thirteen presets)
DELAY_OFF_S = 0.015  # a line may show it so much sooner than its delay says: that is known to within about so much (docs/validation/timing)


@inline
def learn_seen(pump: Pump) -> None:
    """A beat without inflation: once its notch has passed, the pressure tells when the valve closed."""
    c = pump.senses.closure
    if c.open_beat == 0 or pump.inflated_beat == pump.beat_number or pump.senses.onset.new == 0 or pump.choice.trigger == Trigger.INTERNAL:
        return
    if pump.count - pump.beat_at < (latest_notch_s(c) + TOLD_S) * pump.fs_hz:
        return
    closed_s = closure_seen(c)
    if closed_s >= 0.0:
        take_lesson(pump, closed_s)
        pump.seen_beat = pump.beat_number
    end_closure(c, c.closes_s, False)


@inline
def learn_heard(settings: Settings, pump: Pump) -> None:
    """A beat with inflation, at the last moment before the balloon shows: what it tells of its closure.

    The lumen is heard once its delay is known. In the radial and the femoral line the balloon's wave comes before the fall: no clean part is left.
    """
    c = pump.senses.closure
    if c.told != 0 or c.open_beat == 0 or pump.inflated_beat != pump.beat_number or pump.senses.onset.new == 0:
        return
    source = pump.choice.pressure_source
    if pump.choice.trigger == Trigger.INTERNAL or source > Source.LUMEN or (source == Source.LUMEN and pump.expect.ping_n < PINGS_KNOWN):
        return
    late_s = 0.0 if source == Source.ROOT else max(source_delay_s(pump) - DELAY_OFF_S, 0.0)
    if pump.count - pump.inflate_at >= (SHOWS_SHARE * settings.line_delay_ms * 0.001 + late_s) * pump.fs_hz:
        hear_fall(c)


@inline
def gap_before(pump: Pump) -> bool:
    """Whether the interval that led to this beat may hold pulses that were not found, as happens while the pressure trigger learns how high they are."""
    return pump.expect.rr_n < 2 or pump.expect.last_rr_s > (1.0 + IRREGULAR_STEP) * pump.expect.median_s


@rare
def take_lesson(pump: Pump, closed_s: float) -> None:
    """The valve of this beat closed `closed_s` after its mark, as the source shows it.

    What the predictor learned as an offset is carried over for the usual R-R: a lesson from an ectopic must not move it by what it says of ectopics.
    """
    from_opening = pump.choice.trigger == Trigger.PRESSURE
    if from_opening and gap_before(pump):
        return
    before_s = close_after(pump.expect, pump.expect.median_s, from_opening)
    if learn_close(pump.expect, closed_s - source_delay_s(pump), from_opening):
        end_closure(pump.senses.closure, closed_s, True)
        teach_flow(pump.senses.flow, closed_s)
        move_base(pump.senses.closure, close_after(pump.expect, pump.expect.median_s, from_opening) - before_s)
        pump.lessons += 1
