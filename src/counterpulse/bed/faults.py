"""What can go wrong with leads, lines, gas and drive, by name: which fields of monitor and catheter a fault moves, and what must follow.

`fault.NAME` with a severity is an input like any other (`bed.live`); severity 0 ends the fault: its fields go back to their defaults. So a fault only
moves fields that mean "nothing wrong" at their default. Knows no patient and no controller; alarms by name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from counterpulse.body.gas import Catheter
from counterpulse.body.monitor import Monitor
from counterpulse.refusal import RefusalError

RECORDS: dict[str, Any] = {"monitor": Monitor, "catheter": Catheter}


class Effect(NamedTuple):
    """A field that a fault moves, and to what, from its severity. `placed`: one lead or pressure source, all of them when none is named."""

    field: str
    value: Callable[[float], float]
    placed: bool = False


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong. Severity lies in `low` to `high` `unit`; 0 ends it."""

    name: str
    meaning: str
    unit: str
    low: float
    high: float
    typical: float
    effects: tuple[Effect, ...]
    source: str

    @property
    def answer(self) -> "Answer":
        """What the console must and may say to it."""
        return ANSWERS[self.name]


def straight(severity: float) -> float:
    """The severity itself."""
    return severity


def switch(_: float) -> float:
    """On, whatever the severity."""
    return 1.0


LEAD_II_mV = 1.42  # peak to peak of lead II as `body.electrocardiogram` draws it


def noise_of(dB: float) -> float:
    """SD in mV of noise so far below the ECG: signal power is the square of the QRS peak to peak over 8 (Moody 1984 Comput Cardiol 11:381; from memory)."""
    return LEAD_II_mV / 8.0**0.5 / 10.0 ** (dB / 20.0)


def fault(name: str, meaning: str, severity: tuple[str, float, float, float], effects: list[Effect], source: str = "assumed") -> Fault:
    """A row of the catalogue; `severity` = unit, low, high, typical."""
    return Fault(name, meaning, *severity, tuple(effects), source)


SWITCH = ("1", 1.0, 1.0, 1.0)
KINK_IN, KINK_OUT = "catheter.kink_in_mmHg_s_mL", "catheter.kink_out_mmHg_s_mL"

FAULTS = {
    one.name: one
    for one in (
        # electrocardiogram
        fault("lead-off", "electrode off: no signal and a flag", SWITCH, [Effect("monitor.lead_off", switch, placed=True)]),
        fault("ecg-noise", "white noise on the leads", ("dB", 0.5, 40, 7), [Effect("monitor.noise_mV", noise_of, placed=True)], "Moody 1984"),
        fault("low-voltage", "leads of low voltage: share of it that is left", ("1", 0.05, 0.99, 0.3), [Effect("monitor.gain", straight, placed=True)]),
        fault("mains", "mains hum on the leads, amplitude", ("mV", 0.01, 5, 0.3), [Effect("monitor.mains_mV", straight)]),
        fault("cautery", "diathermy: bursts that swamp the leads", SWITCH, [Effect("monitor.cautery", switch)]),
        # pressure lines
        fault("pressure-noise", "white noise on a pressure, SD", ("mmHg", 0.1, 30, 5), [Effect("monitor.noise_mmHg", straight, placed=True)]),
        fault("flush", "flush valve open: the line sees its pressure bag", SWITCH, [Effect("monitor.flush", switch, placed=True)]),
        fault("overdamped", "clot or bubble in a line: damping ratio", ("1", 1, 5, 2.5), [Effect("monitor.damping", straight, placed=True)], "Gardner 1981"),
        fault("ringing", "long compliant line: damping ratio", ("1", 0.02, 0.2, 0.08), [Effect("monitor.damping", straight, placed=True)], "Gardner 1981"),
        fault("disconnected", "pressure not connected: nothing shown", SWITCH, [Effect("monitor.connected", lambda _: 0.0, placed=True)]),
        fault("zero-error", "transducer zeroed wrongly, added to what is shown", ("mmHg", -100, 100, 20), [Effect("monitor.zero_mmHg", straight, placed=True)]),
        fault("level-error", "transducer below the heart", ("cm", -100, 100, 20), [Effect("monitor.level_cm", straight, placed=True)]),
        # on the way to the console
        fault("dropped", "packets of 40 ms that never come", ("1", 0.001, 0.9, 0.1), [Effect("monitor.dropped_share", straight)]),
        fault("missing", "samples that come as no number", ("1", 0.001, 1, 0.05), [Effect("monitor.missing_share", straight)]),
        fault("spikes", "impulses on leads and pressures", ("1/min", 1, 600, 60), [Effect("monitor.spikes_per_min", straight)]),
        fault("saturated-leads", "leads that a rail cuts off", ("mV", 1, 4, 1), [Effect("monitor.ecg_rail_mV", straight)]),
        fault("saturated-pressures", "pressures that a rail cuts off", ("mmHg", 100, 250, 100), [Effect("monitor.pressure_high_mmHg", straight)]),
        fault("late-pressures", "pressures come later than the leads", ("ms", 1, 250, 80), [Effect("monitor.pressure_late_ms", straight)]),
        fault("clock-drift", "the pressures' clock runs slow", ("1", 1, 5000, 500), [Effect("monitor.pressure_drift_ppm", straight)]),
        # gas and drive
        fault("balloon-transducer-lost", "the console's balloon pressure gives nothing", SWITCH, [Effect("monitor.balloon_connected", lambda _: 0.0)]),
        fault("leak", "helium to the room: tubing, connector", ("mL/(s mmHg)", 1e-5, 5, 0.003), [Effect("catheter.leak_mL_s_mmHg", straight)]),
        fault("rupture", "hole in the membrane", ("mL/(s mmHg)", 1e-4, 5, 0.3), [Effect("catheter.hole_mL_s_mmHg", straight)]),
        fault("kink", "catheter kinked: resistance either way", ("mmHg s/mL", 0.2, 100, 5), [Effect(KINK_IN, straight), Effect(KINK_OUT, straight)]),
        fault("kink-valve", "catheter kinked: resistance on the way out", ("mmHg s/mL", 0.2, 100, 8), [Effect(KINK_OUT, straight)]),
        fault("condensate", "water in the helium line", ("mL", 0.1, 4, 2), [Effect("catheter.water_mL", straight)]),
        fault("sheathed", "share of the membrane that cannot unfold", ("1", 0.05, 0.9, 0.5), [Effect("catheter.sheathed_share", straight)]),
        fault("too-high", "balloon too far up, into the arch", ("cm", 0.5, 9, 5), [Effect("catheter.shift_cm", lambda cm: -cm)]),
        fault("too-low", "balloon too far down, over the visceral arteries", ("cm", 0.5, 9, 5), [Effect("catheter.shift_cm", straight)]),
        fault("valve-stuck", "gas valve stuck: 1 at drive, 2 at hold, 3 at vacuum", ("1", 1, 3, 2), [Effect("catheter.stuck", straight)]),
        fault("no-drive", "drive pressure gone", SWITCH, [Effect("catheter.drive_mmHg", lambda _: 0.0)]),
        fault("no-vacuum", "vacuum gone", SWITCH, [Effect("catheter.vacuum_mmHg", lambda _: 0.0)]),
        fault("cylinder-empty", "helium cylinder empty or shut", SWITCH, [Effect("catheter.cylinder", lambda _: 0.0)]),
        fault("gas-warm", "helium warmer than when it was filled", ("C", 1, 100, 20), [Effect("catheter.warmer_C", straight)]),
        fault("altitude", "ambient pressure falls by so much", ("mmHg", 1, 400, 54), [Effect("catheter.atmosphere_mmHg", lambda fall: 760.0 - fall)]),
        # console
        fault("board-silent", "pneumatic board lost: valve at rest, transducer dumb", SWITCH,
              [Effect("catheter.stuck", lambda _: 3.0), Effect("monitor.balloon_connected", lambda _: 0.0)], "FDA 2023 recall, pump.md 8.3"),
        fault("hot", "temperature in the case", ("C", 40, 120, 85), [Effect("monitor.case_C", straight)], "FDA 2023 recall, pump.md 8.3: 176 F"),
        fault("on-battery", "no mains: minutes of charge left", ("min", 0.1, 600, 20),
              [Effect("monitor.on_battery", switch), Effect("monitor.battery_min", straight)], "FDA 2023 recall, pump.md 8.3"),
        fault("undocked", "console out of its cart", SWITCH, [Effect("monitor.docked", lambda _: 0.0)], "FDA 2023 recall, pump.md 8.3"),
    )
}  # fmt: skip


ECG, PRESSURE, GAS, CONSOLE = "ecg", "pressure", "gas", "console"
MAY = {
    ECG: {"ecg-lost", "ecg-stuck", "trigger-noise", "no-trigger", "lead-off", "settings-clash", "pressure-trigger-irregular", "timing-not-found",
          "diastole-too-short", "augmentation-low"},
    PRESSURE: {"pressure-lost", "pressure-stuck", "no-pulse", "timing-not-found", "augmentation-low", "no-trigger", "pressure-trigger-irregular",
               "diastole-too-short", "settings-clash"},
    GAS: {"blood-in-line", "rapid-gas-loss", "slow-gas-loss", "gas-gain", "catheter-restriction", "baseline-high", "drive-stuck", "drive-silent",
          "autofill-failure", "helium-low", "augmentation-low"},
    CONSOLE: set(),
}  # fmt: skip
"""Alarms that may come with a fault of each room; any other is false."""


class Answer(NamedTuple):
    """What the console owes a fault: one of `alarms` within `seen_s` (until it can be seen) and that alarm's own limit, for severities in `must`."""

    room: str
    alarms: tuple[str, ...] = ()
    must: tuple[float, float] = (0.0, float("inf"))
    seen_s: float = 1.0


def owed(room: str, *alarms: str, must: tuple[float, float] = (0.0, float("inf")), seen_s: float = 1.0) -> Answer:
    """A row of the table below."""
    return Answer(room, alarms, must, seen_s)


BEATS_S = 4.5  # three beats at 1:3 and 40/min: until a drive fault can be seen
GONE = ("rapid-gas-loss", "slow-gas-loss", "autofill-failure", "blood-in-line", "drive-silent")
NARROW = ("catheter-restriction", "baseline-high", "drive-silent", "drive-stuck")
ANSWERS = {
    "lead-off": owed(ECG, "ecg-lost", "lead-off"),
    "ecg-noise": owed(ECG), "low-voltage": owed(ECG), "mains": owed(ECG), "saturated-leads": owed(ECG), "cautery": owed(ECG),  # to be borne; an alarm may come
    "pressure-noise": owed(PRESSURE), "overdamped": owed(PRESSURE), "ringing": owed(PRESSURE), "zero-error": owed(PRESSURE), "level-error": owed(PRESSURE),
    "saturated-pressures": owed(PRESSURE), "late-pressures": owed(PRESSURE), "clock-drift": owed(PRESSURE),
    "flush": owed(PRESSURE, "pressure-stuck", "no-pulse", "pressure-lost"),
    "disconnected": owed(PRESSURE, "pressure-lost"),
    "dropped": owed(ECG + PRESSURE), "spikes": owed(ECG + PRESSURE),
    "missing": owed(ECG + PRESSURE, "ecg-lost", "pressure-lost", must=(0.95, 1.0)),
    "balloon-transducer-lost": owed(GAS, "board-silent", "drive-silent"),
    "leak": owed(GAS, *GONE, must=(0.05, 5.0), seen_s=10.0),
    "rupture": owed(GAS, *GONE, must=(0.1, 5.0), seen_s=20.0),
    "kink": owed(GAS, *NARROW, must=(3.0, 100.0), seen_s=BEATS_S),
    "kink-valve": owed(GAS, *NARROW, must=(5.0, 100.0), seen_s=BEATS_S),
    "condensate": owed(GAS), "sheathed": owed(GAS), "too-high": owed(GAS + PRESSURE), "too-low": owed(GAS),
    "valve-stuck": owed(GAS, *NARROW, seen_s=BEATS_S),
    "no-drive": owed(GAS, *NARROW, *GONE, seen_s=BEATS_S),
    "no-vacuum": owed(GAS, *NARROW, seen_s=BEATS_S),
    "cylinder-empty": owed(GAS), "gas-warm": owed(GAS, "gas-gain", "baseline-high", must=(25.0, 100.0), seen_s=BEATS_S), "altitude": owed(GAS),
    "board-silent": owed(GAS, "board-silent", "drive-silent"),
    "hot": owed(CONSOLE, "over-temperature", "case-warm", must=(81.0, 120.0)),
    "on-battery": owed(CONSOLE, "battery-critical", "battery-low", must=(0.1, 29.0)),
    "undocked": owed(CONSOLE, "undocked"),
}  # fmt: skip
"""Assumed, with `pump.alarms`: which faults the console owes an alarm from which severity on; what is owed none must be borne in the safe state."""


def may(name: str) -> set[str]:
    """Alarms that are not false while a fault is there, or once it has been."""
    answer = ANSWERS[name]
    return {one for room, allowed in MAY.items() if room in answer.room for one in allowed} | set(answer.alarms)


def named(name: str) -> Fault:
    """The fault of that name. Raises RefusalError naming those there are."""
    if name not in FAULTS:
        raise RefusalError(f"There is no fault {name[:60]!r}; the faults are {', '.join(FAULTS)}.")
    return FAULTS[name]


def default_of(field: str) -> Any:
    """What a field is when nothing is wrong."""
    record, _, name = field.partition(".")
    return RECORDS[record].defaults[name][0]


def moves(name: str, severity: float, place: int = -1) -> list[tuple[str, float, int]]:
    """Field, value and place of all that a fault of this severity moves. Raises RefusalError for an unknown fault, severity or place."""
    one = named(name)
    if severity != 0.0 and not one.low <= severity <= one.high:
        unit = "" if one.unit == "1" else f" {one.unit}"
        raise RefusalError(f"The fault {name} has severity {severity:.10g}{unit}; it must lie in {one.low:g} to {one.high:g}{unit}, or be 0 to end it.")
    found = []
    for effect in one.effects:
        ordinary = default_of(effect.field)
        places = range(np.size(ordinary)) if effect.placed and place < 0 else (place,)
        if effect.placed and not all(0 <= at < np.size(ordinary) for at in places):
            raise RefusalError(f"The fault {name} has places 0 to {np.size(ordinary) - 1}; {place} is none of them.")
        for at in places if effect.placed else (-1,):
            back = float(ordinary[at]) if effect.placed else float(ordinary)
            found.append((effect.field, effect.value(severity) if severity != 0.0 else back, at))
    return found
