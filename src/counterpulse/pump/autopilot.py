"""Chooses what the console goes by, after pump.md 2.3. Writes `pump.choice`; each change is one line in the log. Knows no gas.

Automatic: leads by their marks, with hold; ECG before pressure, never internal; the pressure nearest to the root that is good; deflation by the
rhythm; one beat in two where diastole is too short. Semi-automatic: as set. Manual: as set, and timing stays where it was. Holds and limits
that pump.md does not give are assumed. Units: s.
"""

import numpy as np

from counterpulse.kernel import inline, rare
from counterpulse.pump.alarms import Alarm
from counterpulse.pump.beat import SHORTEST_FILLED_S, emptying_start
from counterpulse.pump.decisions import Decision
from counterpulse.pump.log import Kind, write
from counterpulse.pump.modes import by_lead
from counterpulse.pump.pilot import Pilot, lead_flaw, lead_score, source_score
from counterpulse.pump.profiles import DEFLATION_TRIM_ms, INFLATION_TRIM_ms
from counterpulse.pump.settings import Deflation, Mode, Settings, SOURCE_DELAY_ms, Trigger
from counterpulse.pump.state import Pump
from counterpulse.pump.timing import earliest_rr, expected_close
from counterpulse.signals.grade import Flaw
from counterpulse.signals.quality import Signal

DELAYS_ms = np.array(SOURCE_DELAY_ms)
USABLE, GOOD, WORTH = 0.3, 0.5, 0.25  # marks: may be used, is good, so much better is worth a change (assumed)
LEAD_LOST_S, LEAD_HOLD_S = 0.3, 5.0  # pump.md 2.3 item 1: hold >= 5 s
SOURCE_LOST_S, SOURCE_HOLD_S = 0.5, 30.0
NO_ECG_S, ECG_HOLD_S = 2.0, 10.0  # pump.md 2.3 item 9: next source within 5 s
REGULAR_HOLD_S, ROOM_HOLD_S = 20.0, 30.0
ROOM_SPARE_S = 0.04
PULSE_LATELY_S = 2.0


@inline
def choose(settings: Settings, pump: Pump) -> None:
    """Once a sample: the clinician's choice, or, in automatic mode, the autopilot's; cheap."""
    c, m = pump.choice, pump.pilot
    if settings.mode == Mode.AUTOMATIC and m.active != 0:
        c.trigger = m.trigger
        c.ecg_lead = m.lead
        c.pressure_source = m.source
        c.deflation = m.deflation
        c.ratio = max(min(max(settings.ratio, 1), 3), 1 + m.halved)
    else:
        c.trigger = settings.trigger
        c.ecg_lead = min(max(settings.ecg_lead, 0), 2)
        c.pressure_source = min(max(settings.pressure_source, 0), 3)
        c.deflation = settings.deflation
        c.ratio = min(max(settings.ratio, 1), 3)
    c.standby = 1 if settings.standby != 0 or pump.alarms.stopped != 0 else 0


@inline
def take_trims(settings: Settings, pump: Pump) -> None:
    """Every look: the delay of the chosen source, timing held by hand, and as much of the trims as the mode allows."""
    c = pump.choice
    own = c.pressure_source == min(max(settings.pressure_source, 0), 3)
    c.source_delay_ms = settings.source_delay_ms if own else DELAYS_ms[c.pressure_source]
    c.close_s = pump.pilot.held_s
    most = INFLATION_TRIM_ms[settings.habit, settings.mode]
    c.inflation_trim_ms = min(max(settings.inflation_trim_ms, -most), most)
    most = DEFLATION_TRIM_ms[settings.habit, settings.mode]
    c.deflation_trim_ms = min(max(settings.deflation_trim_ms, -most), most)


@inline
def since(at: int, pump: Pump) -> float:
    """Time since a sample; 0 for none."""
    return (pump.count - at) / pump.fs_hz if at >= 0 else 0.0


@inline
def mark(at: int, holds: bool, count: int) -> int:
    """Since when something holds: kept while it does, -1 when it does not."""
    if not holds:
        return -1
    return at if at >= 0 else count


@rare
def decide(settings: Settings, pump: Pump) -> None:
    """Every look: go on from the clinician's choice in automatic mode; hold the timing in manual mode."""
    m = pump.pilot
    take_trims(settings, pump)
    note_leads(m)
    if settings.mode != Mode.MANUAL:
        m.held_s = 0.0
    elif m.held_s <= 0.0:
        m.held_s = expected_close(pump.expect, pump.choice.trigger == Trigger.PRESSURE)
        write(pump.log, pump.count, Kind.DECISION + 0, Decision.HELD + 0, int(1000.0 * m.held_s + 0.5))
    if settings.mode != Mode.AUTOMATIC:
        m.active = 0
        return
    if m.active == 0:
        begin(settings, pump)
    choose_lead(pump)
    choose_source(pump)
    choose_trigger(pump)
    choose_deflation(pump)
    choose_ratio(settings, pump)
    offer_internal(pump)


@inline
def note_leads(m: Pilot) -> None:
    """Remember which leads have ever been good: only these can be said to have come off."""
    for k in range(3):
        if lead_score(m, k) > GOOD:
            m.known_leads |= 1 << k


@rare
def begin(settings: Settings, pump: Pump) -> None:
    """Take over what the clinician has set."""
    m, c = pump.pilot, pump.choice
    m.active = 1
    m.trigger = c.trigger if by_lead(c.trigger) or c.trigger == Trigger.PRESSURE else Trigger.ECG
    m.lead = c.ecg_lead
    m.source = c.pressure_source
    m.deflation = settings.deflation
    m.halved = 0
    m.lead_at = pump.count
    m.source_at = pump.count
    m.ecg_bad_at = -1
    m.ecg_good_at = -1
    m.better_at = -1
    m.source_bad_at = -1
    m.nearer_at = -1
    m.steady_at = -1
    m.roomy_at = -1


@inline
def note(pump: Pump, decision: int, value: int) -> None:
    """One line in the log."""
    write(pump.log, pump.count, Kind.DECISION + 0, decision, value)


@inline
def choose_lead(pump: Pump) -> None:
    """A lead that is lost is left soon, one that is worse only after the hold."""
    m = pump.pilot
    best = 0
    for k in range(1, 3):
        if lead_score(m, k) > lead_score(m, best):
            best = k
    mine, other = lead_score(m, m.lead), lead_score(m, best)
    gone = mine <= 0.0 and m.known_leads != 0 and lead_flaw(m, m.lead) in (Flaw.MISSING, Flaw.RAIL, Flaw.FLAT)
    m.better_at = mark(m.better_at, best != m.lead and other > USABLE and (gone or other > mine + WORTH), pump.count)
    waited = since(m.better_at, pump)
    if gone and waited > LEAD_LOST_S:
        take_lead(pump, best, Decision.LEAD_LOST + 0)
    elif waited > LEAD_HOLD_S and since(m.lead_at, pump) > LEAD_HOLD_S:
        take_lead(pump, best, Decision.LEAD_BETTER + 0)


@inline
def take_lead(pump: Pump, lead: int, decision: int) -> None:
    """Another lead from now on."""
    pump.pilot.lead = lead
    pump.pilot.lead_at = pump.count
    pump.pilot.better_at = -1
    note(pump, decision, lead)


@inline
def choose_source(pump: Pump) -> None:
    """The pressure nearest to the root that is good: fibre-optic, lumen, radial, femoral."""
    m = pump.pilot
    nearest = -1
    for k in range(3, -1, -1):
        if source_score(m, k) > USABLE:
            nearest = k
    bad = source_score(m, m.source) <= 0.0 or pump.senses.pressure.state != Signal.GOOD
    m.source_bad_at = mark(m.source_bad_at, bad and nearest >= 0 and nearest != m.source, pump.count)
    m.nearer_at = mark(m.nearer_at, 0 <= nearest < m.source and source_score(m, max(nearest, 0)) > GOOD, pump.count)
    decision = Decision.NONE + 0
    if since(m.source_bad_at, pump) > SOURCE_LOST_S:
        decision = Decision.SOURCE_LOST + 0
    elif since(m.nearer_at, pump) > SOURCE_HOLD_S and since(m.source_at, pump) > SOURCE_HOLD_S:
        decision = Decision.SOURCE_BACK + 0
    if decision != Decision.NONE:
        m.source = nearest
        m.source_at = pump.count
        m.source_bad_at = -1
        m.nearer_at = -1
        note(pump, decision, nearest)


@inline
def choose_trigger(pump: Pump) -> None:
    """ECG while a lead shows beats; pressure when none does and the pressure has a pulse; never internal."""
    m, fs = pump.pilot, pump.fs_hz
    score = lead_score(m, m.lead)
    silent = pump.count - max(pump.beat_at, 0) > max(NO_ECG_S, 2.5 * pump.expect.median_s) * fs
    bad = (score <= 0.0 and m.known_leads != 0) or (silent and pump.count > ECG_HOLD_S * fs)
    m.ecg_bad_at = mark(m.ecg_bad_at, bad and by_lead(m.trigger), pump.count)
    m.ecg_good_at = mark(m.ecg_good_at, score > GOOD and m.trigger == Trigger.PRESSURE, pump.count)
    pulse = pump.pulse.at > 0 and pump.count - pump.pulse.at < PULSE_LATELY_S * fs
    if since(m.ecg_bad_at, pump) > NO_ECG_S and pulse and source_score(m, m.source) > USABLE:
        m.trigger = Trigger.PRESSURE + 0
        m.ecg_bad_at = -1
        note(pump, Decision.ECG_UNUSABLE + 0, m.source)
    elif since(m.ecg_good_at, pump) > ECG_HOLD_S:
        m.trigger = Trigger.ECG + 0
        m.ecg_good_at = -1
        note(pump, Decision.ECG_BACK + 0, m.lead)


@inline
def choose_deflation(pump: Pump) -> None:
    """R wave while the rhythm is irregular, predictive once it has been regular for a while; the pressure trigger can only predict."""
    m = pump.pilot
    m.steady_at = mark(m.steady_at, pump.irregular == 0, pump.count)
    if m.deflation == Deflation.PREDICTIVE and pump.irregular != 0 and by_lead(m.trigger):
        m.deflation = Deflation.R_WAVE + 0
        note(pump, Decision.IRREGULAR + 0, 0)
    elif m.deflation == Deflation.R_WAVE and (since(m.steady_at, pump) > REGULAR_HOLD_S or not by_lead(m.trigger)):
        m.deflation = Deflation.PREDICTIVE + 0
        note(pump, Decision.REGULAR + 0, 0)


@inline
def room_s(settings: Settings, pump: Pump) -> float:
    """How long the balloon could stay filled at 1:1."""
    closes = expected_close(pump.expect, pump.choice.trigger == Trigger.PRESSURE)
    return earliest_rr(pump.expect) + emptying_start(settings, pump) / pump.fs_hz - closes + settings.line_delay_ms * 0.001


@inline
def choose_ratio(settings: Settings, pump: Pump) -> None:
    """One beat in two when three in a row have left no room; back when there has been room for a while."""
    m = pump.pilot
    m.roomy_at = mark(m.roomy_at, m.halved != 0 and room_s(settings, pump) > SHORTEST_FILLED_S + ROOM_SPARE_S, pump.count)
    if m.halved == 0 and pump.too_short >= 3 and settings.ratio == 1:
        m.halved = 1
        note(pump, Decision.TOO_FAST + 0, 2)
    elif m.halved != 0 and since(m.roomy_at, pump) > ROOM_HOLD_S:
        m.halved = 0
        note(pump, Decision.ROOM_AGAIN + 0, 1)


@inline
def offer_internal(pump: Pump) -> None:
    """Neither beat nor pulse: say once that internal is there; it is never chosen by itself (pump.md 2.3 item 2)."""
    a, m = pump.alarms, pump.pilot
    dead = a.raised[Alarm.NO_PULSE] >= 0 and a.raised[Alarm.NO_TRIGGER] >= 0
    if dead and m.offered == 0:
        note(pump, Decision.OFFER_INTERNAL + 0, 0)
    m.offered = 1 if dead else 0
