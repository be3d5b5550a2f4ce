"""Whose console: names of the modes and who may change what in them, as two makers' consoles do and as this project's own does. Data, with sources.

Both makers' columns come from training material of third parties and from memory, not from the makers' manuals: see `certainty`. Limits in ms.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from counterpulse.pump.settings import Habit, Mode, Settings
from counterpulse.refusal import RefusalError

CHOICES = ("trigger", "ecg_lead", "pressure_source", "deflation")
TRIMS = ("inflation_trim_ms", "deflation_trim_ms")
WIDEST_ms = 120.0


@dataclass(frozen=True)
class Way:
    """One mode of a console: its name there, the settings that are the clinician's in it, how far timing may be trimmed."""

    name: str
    clinician: frozenset[str]
    inflation_trim_ms: float
    deflation_trim_ms: float
    source: str
    certainty: str


@dataclass(frozen=True)
class Profile:
    """A console's habits: its modes, and the ratio and mode it starts with. A mode that is not there cannot be chosen."""

    name: str
    ways: Mapping[Mode, Way]
    start_mode: Mode
    start_ratio: int = 1


def way(name: str, clinician: tuple[str, ...], trims: tuple[float, float], source: str, certainty: str) -> Way:
    """One row."""
    return Way(name, frozenset(clinician), *trims, source, certainty)


OWN = "this project's choice"
CARD = "Arrow timing guidelines card (pump.md 2.3 [R38])"
HANDOUT = "CS300 handout (pump.md 2.3 [R5])"
FREE = (WIDEST_ms, WIDEST_ms)
PROFILES = {
    Habit.OPEN: Profile(
        "open",
        MappingProxyType({
            Mode.AUTOMATIC: way("automatic", TRIMS, FREE, OWN, "assumed"),
            Mode.SEMI_AUTOMATIC: way("semi-automatic", CHOICES + TRIMS, FREE, OWN, "assumed"),
            Mode.MANUAL: way("manual", CHOICES + TRIMS, FREE, OWN, "assumed"),
        }),
        Mode.SEMI_AUTOMATIC,
    ),
    Habit.ARROW: Profile(
        "Arrow",
        MappingProxyType({
            Mode.AUTOMATIC: way("AutoPilot", (), (0.0, 0.0), f"{CARD}: chooses lead, source, trigger; sets and keeps adjusting all timing", "one source"),
            Mode.SEMI_AUTOMATIC: way("Operator", CHOICES + TRIMS, FREE, f"{CARD}: the clinician chooses all, the console follows the rate", "one source"),
        }),
        Mode.AUTOMATIC,
    ),
    Habit.GETINGE: Profile(
        "Getinge",
        MappingProxyType({
            Mode.AUTOMATIC: way("Auto", TRIMS[1:], (0.0, 50.0), f"{HANDOUT}: only deflation can be trimmed; how far is assumed", "one weak source"),
            Mode.SEMI_AUTOMATIC: way("Semi-Auto", CHOICES + TRIMS, FREE, f"{HANDOUT}: trigger and both timings are the user's", "one weak source"),
            Mode.MANUAL: way("Manual", CHOICES + TRIMS, FREE, f"{HANDOUT}: not for adult intensive care", "one weak source"),
        }),
        Mode.AUTOMATIC,
    ),
}  # fmt: skip


def _limits(field: str) -> Any:
    """Habit x mode: how far a trim may go; 0 in a mode that the console does not have."""
    return np.array([[getattr(PROFILES[habit].ways[mode], field) if mode in PROFILES[habit].ways else 0.0 for mode in Mode] for habit in Habit])


INFLATION_TRIM_ms = _limits("inflation_trim_ms")
DEFLATION_TRIM_ms = _limits("deflation_trim_ms")


def way_of(habit: Habit, mode: Mode) -> Way:
    """A mode of a console. Raises RefusalError if it has none such."""
    profile = PROFILES[habit]
    if mode not in profile.ways:
        names = ", ".join(f"{one.name} ({kind.name.lower().replace('_', '-')})" for kind, one in profile.ways.items())
        raise RefusalError(f"The {profile.name} console has no {mode.name.lower().replace('_', '-')} mode; it has {names}.")
    return profile.ways[mode]


def may_change(habit: Habit, mode: Mode, field: str) -> bool:
    """Whether a setting is the clinician's in that mode. What no mode decides (volume, ratio, alarm limits, keys) always is."""
    return field not in CHOICES + TRIMS or field in way_of(habit, mode).clinician


def change(settings: Settings, field: str, value: float) -> None:
    """Change a setting as the clinician at this console could. Raises RefusalError for what the mode does not leave to the clinician."""
    habit, mode = Habit(int(settings.habit)), Mode(int(settings.mode))
    if field == "mode":
        way_of(habit, Mode(int(value)))
    else:
        own = way_of(habit, mode)
        if not may_change(habit, mode, field):
            raise RefusalError(f"{field} is the console's own in {own.name} mode of the {PROFILES[habit].name} console; the clinician's are {listed(own)}.")
        if field in TRIMS and abs(value) > getattr(own, field):
            raise RefusalError(f"{field} is {value:g} ms; in {own.name} mode it must lie in {-getattr(own, field):g} to {getattr(own, field):g} ms.")
    before = settings[field]  # pyright: ignore[reportIndexIssue]
    settings[field] = value  # pyright: ignore[reportIndexIssue]
    try:
        Settings.check(settings)
    except RefusalError:
        settings[field] = before  # pyright: ignore[reportIndexIssue]
        raise


def listed(way: Way) -> str:
    """The settings that are the clinician's in a mode, in words."""
    return ", ".join(sorted(way.clinician)) or "none of trigger, lead, source, deflation and timing"
