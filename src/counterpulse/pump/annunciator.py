"""Keeps the alarms: waits, latches, acknowledgement, silence, the stop. Knows no cause; `pump.lookout` says what holds. Counts are samples, -1 = none."""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from counterpulse.kernel import inline, kernel
from counterpulse.pump.alarms import HOLD_S, KINDS, LATCHES, PRIORITY, STOPS, WAIT_S, Alarm, Priority
from counterpulse.pump.log import Kind, Log, write
from counterpulse.pump.settings import Settings
from counterpulse.record import Many, Record

BRIDGE_S = 0.12  # a cause that is gone for so short a time has held on: lost packets of 40 ms, for example (assumed)
PAUSE_S = 120.0  # IEC 60601-1-8: audio pause at most 120 s [M]

Ints = Annotated[NDArray[np.int64], Many(KINDS, int)]


class Alarms(Record):
    """What holds, by alarm; `mask`: bit k is set while alarm k is on; `first`: the gravest of these."""

    mask: int = 0
    first: int = Alarm.NONE
    stopped: int = Alarm.NONE  # the alarm that stopped the pump; standby until the clinician restarts
    stopped_at: int = -1
    silent_until: int = -1
    cause: Ints = 0  # pyright: ignore[reportAssignmentType]  1 = holds at this tick
    since: Ints = -1  # pyright: ignore[reportAssignmentType]  the cause began
    last: Ints = -1  # pyright: ignore[reportAssignmentType]  the cause held
    raised: Ints = -1  # pyright: ignore[reportAssignmentType]  the alarm came on; -1 = off
    acknowledged: Ints = 0  # pyright: ignore[reportAssignmentType]
    acknowledgements: int = 0  # the settings' counters as last seen
    silences: int = 0
    restarts: int = 0


@inline
def sounding(a: Alarms, count: int) -> int:
    """Priority that is to be heard now: of the gravest alarm neither acknowledged nor paused; 0 = quiet."""
    loudest = Priority.NONE + 0
    if count < a.silent_until:
        return loudest
    for k in range(KINDS):
        if a.raised[k] >= 0 and a.acknowledged[k] == 0:
            loudest = max(loudest, PRIORITY[k])
    return loudest


@kernel
def heed_clinician(settings: Settings, a: Alarms, log: Log, count: int, fs_hz: float) -> int:
    """Acknowledge, silence or restart if the clinician has pressed the key (its counter has changed). 1 = the pump was restarted."""
    if settings.acknowledge != a.acknowledgements:
        a.acknowledgements = settings.acknowledge
        for k in range(KINDS):
            if a.raised[k] >= 0:
                a.acknowledged[k] = 1
        write(log, count, Kind.ACKNOWLEDGED + 0, a.first, 0)
    if settings.silence != a.silences:
        a.silences = settings.silence
        a.silent_until = count + int(PAUSE_S * fs_hz)
        write(log, count, Kind.SILENCED + 0, a.first, 0)
    if settings.restart == a.restarts:
        return 0
    a.restarts = settings.restart
    if a.stopped != Alarm.NONE:
        write(log, count, Kind.RESTARTED + 0, a.stopped, 0)
    a.stopped = Alarm.NONE + 0
    for k in range(KINDS):
        if LATCHES[k] != 0:
            a.acknowledged[k] = 1
    return 1


@kernel
def announce(a: Alarms, log: Log, count: int, fs_hz: float) -> None:
    """Turn the causes that hold now into alarms on and over."""
    a.mask = 0
    a.first = Alarm.NONE + 0
    for k in range(1, KINDS):
        if a.cause[k] != 0:
            if a.since[k] < 0:
                a.since[k] = count
            a.last[k] = count
            if a.raised[k] < 0 and count - a.since[k] >= WAIT_S[k] * fs_hz:
                come_on(a, log, count, k)
            if a.raised[k] >= 0 and STOPS[k] != 0 and a.stopped == Alarm.NONE:  # also after a restart that has cured nothing
                a.stopped = k
                a.stopped_at = count
                a.acknowledged[k] = 0
        else:
            if count - a.last[k] > BRIDGE_S * fs_hz:
                a.since[k] = -1
            if a.raised[k] >= 0 and count - a.last[k] >= HOLD_S[k] * fs_hz and (LATCHES[k] == 0 or a.acknowledged[k] != 0):
                a.raised[k] = -1
                write(log, count, Kind.ALARM_OVER + 0, k, 0)
        if a.raised[k] >= 0:
            a.mask |= 1 << k
            if PRIORITY[k] > PRIORITY[a.first]:
                a.first = k


@inline
def come_on(a: Alarms, log: Log, count: int, k: int) -> None:
    """A new alarm: logged, and heard even in a pause if it is of high priority."""
    a.raised[k] = count
    a.acknowledged[k] = 0
    write(log, count, Kind.ALARM_ON + 0, k, PRIORITY[k])
    if PRIORITY[k] == Priority.HIGH:
        a.silent_until = -1
