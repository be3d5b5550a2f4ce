"""What the clinician set, and what the console knows of its own hardware. Knows nothing of the patient.

Units: mL, ms (signed trims: positive = later), s, 1/min.
"""

from enum import IntEnum
from typing import Annotated

from counterpulse.record import Q, Record
from counterpulse.signals.sample import Source


class Mode(IntEnum):
    """Who chooses trigger and timing."""

    AUTOMATIC = 0  # the console chooses lead, trigger, pressure, deflation and, when diastole is too short, the ratio; it times
    SEMI_AUTOMATIC = 1  # the clinician chooses these, the console times
    MANUAL = 2  # the clinician chooses these; timing stays where it was when the mode was entered, moved by the trims, and follows the rate


class Habit(IntEnum):
    """Whose console this one behaves like; what that means stands in `pump.profiles`."""

    OPEN = 0  # this project's own: every trim in every mode
    ARROW = 1
    GETINGE = 2


class Trigger(IntEnum):
    """What starts a beat."""

    ECG = 0
    PRESSURE = 1
    INTERNAL = 2
    ECG_PATTERN = 3
    ECG_PEAK = 4
    AF = 5
    V_PACED = 6
    A_PACED = 7


class Deflation(IntEnum):
    """When the balloon empties."""

    PREDICTIVE = 0  # empty when the valve is expected to open
    R_WAVE = 1  # empty from the next R wave on


class Inflation(IntEnum):
    """How the closure of the valve is told within the beat."""

    LEARNED = 0  # by a regression on the running systole, taught by this patient's beats (`signals.closure`)
    FLOW = 1  # by the fall of aortic flow, computed from the pressure by a windkessel (`signals.flow`)


class Settings(Record):
    """What the clinician set."""

    mode: Annotated[int, Q("1", 0, 2, "0 automatic, 1 semi-automatic, 2 manual")] = Mode.SEMI_AUTOMATIC
    trigger: Annotated[
        int,
        Q("1", 0, 7, "0 ECG, 1 pressure, 2 internal (no beating heart), 3 narrow QRS, 4 QRS, spikes left in, 5 AF, 6 V-paced, 7 A-paced", "pump.md 2.1"),
    ] = Trigger.ECG
    ecg_lead: Annotated[int, Q("1", 0, 2, "lead that the ECG trigger reads")] = 0
    pressure_source: Annotated[int, Q("1", 0, 3, "0 root (fibre-optic), 1 balloon lumen, 2 radial, 3 femoral")] = Source.ROOT
    deflation: Annotated[int, Q("1", 0, 1, "0 predictive, 1 at the R wave")] = Deflation.PREDICTIVE
    inflation: Annotated[int, Q("1", 0, 1, "0 learned from the pressure's course, 1 by aortic flow (windkessel)", "pump.md 4, 6.3")] = Inflation.LEARNED
    ratio: Annotated[int, Q("1", 1, 3, "one beat in so many is assisted")] = 1
    volume_mL: Annotated[float, Q("mL", 0, 50, "augmentation volume; 0 never drives")] = 40.0
    balloon_mL: Annotated[float, Q("mL", 0, 50, "nominal volume of the balloon")] = 40.0
    inflation_trim_ms: Annotated[float, Q("ms", -120, 120, "inflation moved by the clinician; positive = later")] = 0.0
    deflation_trim_ms: Annotated[float, Q("ms", -120, 120, "deflation moved by the clinician; positive = later")] = 0.0
    internal_rate_per_min: Annotated[float, Q("1/min", 40, 120, "rate of the internal trigger", "pump.md 2.1: default 80")] = 80.0
    standby: Annotated[int, Q("1", 0, 1, "1 = balloon kept empty, detectors go on learning")] = 0
    source_delay_ms: Annotated[
        float,
        Q("ms", 0, 300, "assumed delay of the chosen pressure behind the aortic root; see SOURCE_DELAY_ms", "Pantalos 2011 Artif Organs: lumen 74, radial 175"),
    ] = 0.0
    line_delay_ms: Annotated[float, Q("ms", 0, 120, "from the command to drive to the balloon 10 % filled", "pump.md 1.2: 20-40 ms [M]")] = 30.0
    empty_s: Annotated[float, Q("s", 0.02, 0.4, "from the command to vacuum to 10 % left (T90)", "pump.md 1.2: 80-150 ms [M]")] = 0.11
    dead_mL: Annotated[float, Q("mL", 5, 200, "gas space beside the volume set: line, catheter, wrapped balloon; for the helium books", "assumed")] = 28.0
    habit: Annotated[int, Q("1", 0, 2, "0 open, 1 Arrow, 2 Getinge; see pump.profiles")] = Habit.OPEN
    gas_watched: Annotated[int, Q("1", 0, 1, "1 = balloon pressure is this console's own; 0 along a recording, whose gas follows another console")] = 1
    cylinder_fills: Annotated[int, Q("1", 0, 5000, "whole fills in the helium cylinder", "pump.md 1.4: several hundred to over 1,000 [M]")] = 500
    augmentation_drop_mmHg: Annotated[float, Q("mmHg", 0, 100, "alarm when augmentation is so far below that at set-up; 0 = never", "pump.md 1.5 [M]")] = 10.0
    augmentation_limit_mmHg: Annotated[float, Q("mmHg", 0, 300, "alarm below this augmented pressure instead; 0 = go by the drop")] = 0.0
    # keys: whoever presses one changes its number
    acknowledge: Annotated[int, Q("1", 0, 1e9, "alarms have been seen")] = 0
    silence: Annotated[int, Q("1", 0, 1e9, "alarm sound paused, 120 s")] = 0
    restart: Annotated[int, Q("1", 0, 1e9, "start again after an alarm has stopped the pump; fills anew")] = 0


# What to assume of a source before the patient's own delay is known. Root 0 by definition; lumen and radial as measured against the aortic root
# (Pantalos 2011 Artif Organs, 11 adults, pump.md 3.3; SD 29 and 50 ms, so a guess); femoral is a textbook offset (pump.md 3.3 [M]).
SOURCE_DELAY_ms = (0.0, 74.0, 175.0, 120.0)


def settings_for(source: Source, **values: float) -> Settings:
    """Settings that read `source` with the delay assumed for it; further fields as given. Raises RefusalError out of range."""
    start = {"pressure_source": source, "source_delay_ms": SOURCE_DELAY_ms[source]}
    return Settings.check(Settings(**{**start, **values}))
