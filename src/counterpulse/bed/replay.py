"""The pump along a recording: one compiled loop around the same `control` that runs live and in the closed loop. No body.

Knows rows of `Sample` and the console's answers; nothing of files or annotations. Times in s from the first row.
"""

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterpulse.kernel import kernel
from counterpulse.pump.control import Pump, control, start_pump
from counterpulse.pump.settings import Settings
from counterpulse.record import Record
from counterpulse.signals.sample import Valve


class BeatMark(Record):
    """A beat as the console took it: sample of its mark (R wave, or what the trigger gives), and sample at which it was known."""

    mark_at: int = -1
    known_at: int = -1
    asked: int = 0  # 1 = scheduled for assistance when it was taken
    irregular: int = 0


class Stay(Record):
    """One stay of the gas in the balloon: commands to drive and to vacuum (-1: still filled at the end), the beat it belongs to."""

    drive_at: int = -1
    vacuum_at: int = -1
    beat: int = -1  # index into the beats; -1 = before the first
    aborted: int = 0  # 1 = emptied at once for a beat that came too soon or a signal that was lost


@dataclass(frozen=True)
class Replayed:
    """Per sample: `valve`, `fill_mL`, `alarms` (bit k = alarm k, see `pump.alarms.named`). Per beat and per stay: rows of `BeatMark` and `Stay`.

    `pump` is the console at the end.
    """

    fs_hz: float
    valve: NDArray[np.int8]
    fill_mL: NDArray[np.float64]
    alarms: NDArray[np.int64]
    beats: Any
    stays: Any
    pump: Pump

    @property
    def duration_s(self) -> float:
        """Length of what was replayed."""
        return len(self.valve) / self.fs_hz

    def seconds(self, at: NDArray[np.int64]) -> NDArray[np.float64]:
        """Sample numbers as times; -1 (none) as NaN."""
        return np.where(at < 0, np.nan, at / self.fs_hz)

    def stay_of_beat(self) -> NDArray[np.int64]:
        """For every beat the index of its stay, -1 where it has none."""
        index = np.full(len(self.beats), -1, np.int64)
        owned = np.flatnonzero(self.stays.beat >= 0)
        index[self.stays.beat[owned]] = owned
        return index


def replay(settings: Settings, samples: Any, fs_hz: float) -> Replayed:
    """Run the console along `samples` (rows of `Sample`, `fs_hz` a second). Raises RefusalError for a setting or rate out of range.

    Without a balloon pressure there is no gas to watch. Where there is one, `gas_watched` says whose it is: 0 if it followed another console.
    """
    settings = copy.deepcopy(settings)
    if not np.isfinite(samples.balloon_mmHg).any():
        settings.gas_watched = 0
    pump = start_pump(settings, fs_hz)
    count = len(samples)
    valve, alarms, fill_mL = np.zeros(count, np.int8), np.zeros(count, np.int64), np.zeros(count)
    room = int(count / (0.2 * fs_hz)) + 8  # no trigger takes more than five beats a second
    beats, stays = BeatMark.many(room), Stay.many(room)
    taken, filled = along(settings, pump, samples, (valve, fill_mL, alarms), (beats, stays))
    return Replayed(fs_hz, valve, fill_mL, alarms, beats[:taken], stays[:filled], pump)


@kernel
def along(settings, pump, samples, answers, marks):  # noqa: ANN001, ANN201
    """Every sample in order; fills the arrays and returns how many beats and stays there were."""
    valve, fill_mL, alarms = answers
    beats, stays = marks
    taken = 0
    filled = 0
    before = Valve.VACUUM + 0
    for i in range(len(samples)):
        number = pump.beat_number
        aborts = pump.aborts
        command = control(settings, pump, samples[i])
        valve[i] = command.valve
        fill_mL[i] = command.fill_mL
        alarms[i] = pump.alarms.mask
        if pump.beat_number != number and taken < len(beats):
            beats[taken].mark_at = pump.beat_at
            beats[taken].known_at = i
            beats[taken].asked = pump.assisted
            beats[taken].irregular = pump.irregular
            taken += 1
        if command.valve == Valve.DRIVE and before != Valve.DRIVE and filled < len(stays):
            stays[filled].drive_at = i
            stays[filled].beat = taken - 1
            filled += 1
        elif command.valve == Valve.VACUUM and before != Valve.VACUUM and filled > 0:
            stays[filled - 1].vacuum_at = i
            stays[filled - 1].aborted = 1 if pump.aborts != aborts else 0
        before = command.valve
    return taken, filled
