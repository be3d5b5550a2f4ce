"""The safe state, as checks on what a run kept: when the balloon must be empty, whatever else goes wrong.

A `Course` gathers one lane's run slice by slice; each check gives the samples at which it was broken. Checks of the command hold whatever the gas does; checks
of the balloon itself need gas and drive in order, checks of systole a trigger that sees the heart. Knows the console's choice and the truth; no files.
mL, s; samples inside.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpulse.bed.tick import CHANNELS, Bed, Trace
from counterpulse.body.build import blood, helium
from counterpulse.body.state import AT
from counterpulse.pump.settings import Deflation, Trigger
from counterpulse.signals.sample import Valve

BRIDGE_S = 0.06  # 20 ms of a missing channel are bridged, then it is believed lost; 40 ms more for the look of the lookout
SYSTOLE_S = 0.12  # after QRS onset: pump.md 10 item 2
EJECTION_S = 0.02  # CONTRACTS.md: emptied later than this after the valve has opened is late
EMPTY_SHARE = 0.1
LONGEST_S = 1.6  # no stay of the gas is longer (pump.beat: 1.5 s after inflation)
TREND = 10  # beats of whose median a predictable one is within 10 % (CONTRACTS.md)
THIRDS = [CHANNELS.index(row) for row in (AT.balloon_upper, AT.balloon_middle, AT.balloon_lower)]
AORTIC = CHANNELS.index(AT.aortic)

UNWATCHED = (Trigger.PRESSURE, Trigger.INTERNAL, Trigger.AF)  # not by the QRS, or emptying only with it

Bits = NDArray[np.bool_]


class Slice(NamedTuple):
    """What is kept of a slice of one lane."""

    filled: NDArray[np.float32]  # share of the balloon's own room
    aortic: NDArray[np.float32]  # mL/s through the valve that tells when ejection begins: the twin's where there is one
    drive: Bits
    beat: NDArray[np.int64]
    unseen: Bits  # the chosen trigger's channel gives nothing
    rest: bool  # standby or stopped at both ends of the slice
    watched: bool  # trigger and deflation for which systole can be judged


@dataclass
class Course:
    """One lane's run, for the checks. `see` takes each slice's pieces, in order.

    `twin`: the lane of its twin without inflation, by whose valve ejection is judged (CONTRACTS.md). Without one the patient's own valve tells, which an
    emptying balloon draws open up to 90 ms sooner, and one still filled holds shut.
    """

    bed: Bed
    sample_s: float
    lane: int = 0
    twin: int = -1
    slices: list[Slice] = field(default_factory=list)
    resting: bool = False
    sound: bool = True
    blood_mL: float = 0.0
    helium_mmHg_mL: float = 0.0

    def __post_init__(self) -> None:
        """Remember what must be conserved."""
        self.blood_mL = float(blood(self.bed.w, self.lane))
        self.helium_mmHg_mL = float(helium(self.bed.w, self.lane))
        self.resting = self.rests()

    def rests(self) -> bool:
        """Whether the console must keep the balloon empty now."""
        return bool(self.bed.pump[self.lane].choice.standby)

    def see(self, pieces: list[Trace]) -> None:
        """Take a slice."""
        choice, catheter = self.bed.pump[self.lane].choice, self.bed.catheter[self.lane]
        before, self.resting = self.resting, self.rests()
        watched = choice.trigger not in UNWATCHED and choice.deflation == Deflation.PREDICTIVE and choice.deflation_trim_ms <= 0.0
        room = max(float(catheter.nominal_mL - catheter.wrapped_mL), 1.0)
        for piece in pieces:
            signals, shown = piece.signals[:, self.lane], piece.samples[:, self.lane]
            gas = signals[:, THIRDS[0]] + signals[:, THIRDS[1]] + signals[:, THIRDS[2]]
            self.sound = self.sound and bool(np.isfinite(signals).all())
            self.slices.append(Slice(
                ((gas - catheter.wrapped_mL) / room).astype(np.float32),
                piece.signals[:, self.twin if self.twin >= 0 else self.lane, AORTIC].astype(np.float32), piece.valve[:, self.lane] == Valve.DRIVE,
                piece.beat[:, self.lane].copy(), self.unseen(shown, choice), before and self.resting, bool(watched),
            ))  # fmt: skip

    def unseen(self, shown: Any, choice: Any) -> Bits:
        """Samples in which the chosen trigger's channel gives nothing."""
        if choice.trigger == Trigger.PRESSURE:
            return np.isnan(shown["arterial_mmHg"][:, choice.pressure_source])
        if choice.trigger == Trigger.INTERNAL:
            return np.zeros(len(shown), bool)
        return np.isnan(shown["ecg_mV"][:, choice.ecg_lead]) | (shown["lead_off"][:, choice.ecg_lead] != 0)

    def whole(self, name: str) -> NDArray[Any]:
        """One quantity over the whole run."""
        return np.concatenate([getattr(one, name) for one in self.slices]) if self.slices else np.zeros(0)

    def per_sample(self, name: str) -> Bits:
        """A flag of the slices over samples."""
        return np.concatenate([np.full(len(one.drive), getattr(one, name)) for one in self.slices]) if self.slices else np.zeros(0, bool)


def runs(flags: Bits) -> list[tuple[int, int]]:
    """First sample and end of each stretch that is true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def predictable(course: Course) -> list[int]:
    """QRS onsets whose R-R lies within 10 % of the median of the ten before (CONTRACTS.md)."""
    marks = np.flatnonzero(np.diff(course.whole("beat"))) + 1
    lengths = np.diff(marks)
    return [int(marks[i + 1]) for i in range(TREND, len(lengths)) if abs(lengths[i] / np.median(lengths[i - TREND : i]) - 1.0) <= 0.1]


def not_finite(course: Course) -> list[int]:
    """Anything that is no number."""
    return [] if course.sound and bool(np.isfinite(course.bed.w[:, course.lane]).all()) else [0]


def blood_lost(course: Course) -> list[int]:
    """Blood that came from nowhere or went there."""
    return [] if abs(float(blood(course.bed.w, course.lane)) / course.blood_mL - 1.0) < 1e-9 else [0]


def helium_lost(course: Course) -> list[int]:
    """Helium, with what leaked out and what was let in counted."""
    return [] if abs(float(helium(course.bed.w, course.lane)) / course.helium_mmHg_mL - 1.0) < 1e-9 else [0]


def driven_at_rest(course: Course) -> list[int]:
    """A command to drive in standby or after an alarm has stopped the pump."""
    return [int(k) for k in np.flatnonzero(course.whole("drive") & course.per_sample("rest"))]


def driven_blind(course: Course) -> list[int]:
    """A command to drive while the chosen trigger's channel gives nothing and the bridge is over."""
    drive, bridge = course.whole("drive"), round(BRIDGE_S / course.sample_s)
    return [k for a, b in runs(course.whole("unseen")) for k in range(a + bridge, b) if drive[k]]


def driven_too_long(course: Course) -> list[int]:
    """A stay of the gas that no beat ended."""
    return [a for a, b in runs(course.whole("drive")) if (b - a) * course.sample_s > LONGEST_S]


def driven_in_systole(course: Course) -> list[int]:
    """A command to drive that still holds 120 ms after the onset of a predictable QRS."""
    drive, watched, late = course.whole("drive"), course.per_sample("watched"), round(SYSTOLE_S / course.sample_s)
    return [k for k in predictable(course) if k + late < len(drive) and watched[k] and drive[k + late]]


def filled_in_ejection(course: Course) -> list[int]:
    """More than a tenth of the balloon filled 20 ms after the valve has opened, in a predictable beat."""
    filled, aortic, watched = course.whole("filled"), course.whole("aortic"), course.per_sample("watched")
    found, reach, late = [], round(0.3 / course.sample_s), round(EJECTION_S / course.sample_s)
    for k in predictable(course):
        out = np.flatnonzero(aortic[k : k + reach] > 1.0)
        opens = k + int(out[0]) if len(out) else -1
        if opens >= 0 and opens + late < len(filled) and watched[k] and filled[opens + late] > EMPTY_SHARE:
            found.append(opens + late)
    return found


def filled_at_rest(course: Course) -> list[int]:
    """Gas in the balloon later than T90 and a tenth of a second after it had to be empty: standby, stop, a lost trigger."""
    settings, filled = course.bed.settings[course.lane], course.whole("filled")
    late = round((BRIDGE_S + float(settings.empty_s) + 0.1) / course.sample_s)
    unseen = [(a, b) for a, b in runs(course.whole("unseen")) if b - a > late]
    return [a + late for a, b in [*runs(course.per_sample("rest")), *unseen] if b - a > late and bool((filled[a + late : b] > EMPTY_SHARE).any())]


class Check(NamedTuple):
    """One part of the safe state: what it says, how it is judged, and what must be in order for it to hold."""

    says: str
    broken: Callable[[Course], list[int]]
    needs: tuple[str, ...] = ()  # kinds of faults that excuse it: "gas", "sensing"


CHECKS = {
    "finite": Check("every quantity is a number", not_finite),
    "blood": Check("blood is conserved, a torn balloon's share counted", blood_lost),
    "helium": Check("helium is conserved, leaks and fills counted", helium_lost),
    "rest": Check("no command to drive in standby or after a stop", driven_at_rest),
    "blind": Check("no command to drive once the trigger's channel gives nothing", driven_blind),
    "stay": Check("no command to drive holds longer than 1.6 s", driven_too_long),
    "systole": Check("no command to drive 120 ms after a predictable QRS", driven_in_systole, ("sensing",)),
    "ejection": Check("emptied at most 20 ms into the ejection of a predictable beat without inflation", filled_in_ejection, ("gas", "sensing")),
    "empty": Check("the balloon is empty in standby, after a stop, and once the trigger is lost", filled_at_rest, ("gas",)),
}


def unsafe(course: Course, excused: frozenset[str] = frozenset()) -> dict[str, list[int]]:
    """Checks that were broken, each with the samples; `excused` names what was out of order (see `Check.needs`)."""
    judged = {name: check.broken(course) for name, check in CHECKS.items() if not excused & set(check.needs)}
    return {name: found for name, found in judged.items() if found}
