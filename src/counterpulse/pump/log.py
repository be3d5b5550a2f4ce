"""The console's log: the last events in fixed memory, each with its sample number. Knows what kinds there are, not why they happened.

`number` counts all events ever; event i stands in place i % ROOM. Times are samples since the start.
"""

from enum import IntEnum
from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpulse.kernel import rare
from counterpulse.record import Many, Record

ROOM = 64


class Kind(IntEnum):
    """What an event tells of; its `code` then names an alarm or a decision."""

    NONE = 0
    ALARM_ON = 1
    ALARM_OVER = 2
    ACKNOWLEDGED = 3
    SILENCED = 4
    RESTARTED = 5
    DECISION = 6  # code: pump.decisions.Decision, value: what was chosen
    FILLED = 7  # value: helium, microlitres


class Log(Record):
    """A ring of events."""

    number: int = 0
    at: Annotated[NDArray[np.int64], Many(ROOM, int)] = -1  # pyright: ignore[reportAssignmentType]
    kind: Annotated[NDArray[np.int64], Many(ROOM, int)] = 0  # pyright: ignore[reportAssignmentType]
    code: Annotated[NDArray[np.int64], Many(ROOM, int)] = 0  # pyright: ignore[reportAssignmentType]
    value: Annotated[NDArray[np.int64], Many(ROOM, int)] = 0  # pyright: ignore[reportAssignmentType]


class Event(NamedTuple):
    """One line of the log."""

    at: int
    kind: Kind
    code: int
    value: int


@rare
def write(log: Log, at: int, kind: int, code: int, value: int) -> None:
    """Add one event; the oldest goes."""
    place = log.number % ROOM
    log.at[place] = at
    log.kind[place] = kind
    log.code[place] = code
    log.value[place] = value
    log.number += 1


def events(log: Log) -> list[Event]:
    """The events that are still there, oldest first."""
    places = [i % ROOM for i in range(max(int(log.number) - ROOM, 0), int(log.number))]
    return [Event(int(log.at[i]), Kind(int(log.kind[i])), int(log.code[i]), int(log.value[i])) for i in places]
