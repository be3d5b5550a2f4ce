"""The console's memory, and what the balloon has been told. Counts are samples since the start, -1 = none."""

from enum import IntEnum

from counterpulse.kernel import inline, rare
from counterpulse.pump.annunciator import Alarms
from counterpulse.pump.choice import Choice
from counterpulse.pump.helium import Books
from counterpulse.pump.log import Log
from counterpulse.pump.pilot import Pilot
from counterpulse.pump.pneumatics import Gas, begin_drive, begin_vacuum
from counterpulse.pump.pulse import Pulse
from counterpulse.pump.timing import Expectation
from counterpulse.pump.trigger import Senses
from counterpulse.record import Record
from counterpulse.signals.closure import begin_assist


class Balloon(IntEnum):
    """What the balloon has been told."""

    EMPTY = 0
    FILLED = 1
    EMPTYING = 2


class Ping(Record):
    """The rise after the last inflation, as a late source shows it."""

    inflate_at: int = -1
    rise_mmHg: float = 0.0  # steepest so far
    rise_s: float = -1.0  # after the balloon's onset
    over: int = 0


class Pump(Record):
    """The console's memory."""

    senses: Senses
    pilot: Pilot
    expect: Expectation = Expectation.defaults
    gas: Gas = Gas.defaults
    ping: Ping = Ping.defaults
    pulse: Pulse = Pulse.defaults
    books: Books = Books.defaults
    fs_hz: float = 250.0
    count: int = -1  # number of this sample
    choice: Choice = Choice.defaults  # what holds now
    heard: Choice = Choice.defaults  # what the detectors and expectations were learned with
    balloon: int = Balloon.EMPTY
    alarms: Alarms = Alarms.defaults
    log: Log = Log.defaults
    look_due: int = 0  # alarms and autopilot look again at this sample
    fills_logged: int = 0
    taken_at: int = 0  # the trigger in use was chosen
    rested_at: int = 0  # standby or a stop last held
    lively_at: int = 0  # the balloon last moved enough to keep clots away
    r_at: int = -1  # last R wave, whatever the trigger
    beat_at: int = -1  # mark of the last beat
    beat_number: int = 0
    dated_n: int = -1  # samples of delay that the mark of a beat by the pressure was dated with
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
    left_out_beat: int = 0  # number of the beat left unassisted last, to see its notch
    seen_beat: int = 0  # number of the last beat whose closure was seen, whatever it was unassisted for
    lesson_wait: int = 16  # beats until the next one is left out
    lessons: int = 0  # closures seen
    inflated_beat: int = -1  # number of the beat that was inflated last
    opened_beat: int = -1  # number of the beat whose opening of the valve was sought last
    irregular: int = 0
    rr_s: float = 0.0  # last interval


@inline
def fill(pump: Pump, empty_s: float) -> None:
    """Command to drive; `empty_s` is the catheter's T90."""
    begin_drive(pump.gas, empty_s, pump.books.usual_mmHg)
    pump.balloon = Balloon.FILLED
    pump.inflate_at = pump.count
    pump.inflated_beat = pump.beat_number
    pump.deflate_due = pump.deflate_next
    pump.inflate_due = -1
    pump.inflations += 1
    if pump.inflations == 1:
        pump.expect.close_n = min(pump.expect.close_n, 2)  # an assisted heart closes its valve at another time: learn quickly again
        begin_assist(pump.senses.closure)


@rare
def empty(pump: Pump) -> None:
    """Command to vacuum."""
    begin_vacuum(pump.gas, (pump.count - pump.inflate_at) / pump.fs_hz)
    pump.balloon = Balloon.EMPTYING
    pump.deflate_at = pump.count


@inline
def source_delay_s(pump: Pump) -> float:
    """By how much the chosen pressure lags the aortic root: what was assumed, and what the upstrokes have taught since."""
    return max(pump.choice.source_delay_ms * 0.001 + pump.expect.delay_s, 0.0)
