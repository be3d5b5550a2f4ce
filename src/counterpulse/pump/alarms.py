"""The one list of what the console may have to say: priority, latch, time limit, sentence, advice, source. Data; conditions stand in `pump.lookout`.

Order is rank: of two alarms of one priority the earlier is shown first. Priorities in the manner of IEC 60601-1-8; they, the waits and the holds
are this project's own (assumed) unless a source is named. Research and education only. Units: s.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np


class Priority(IntEnum):
    """How soon somebody must act."""

    NONE = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3


class Alarm(IntEnum):
    """What may be wrong; 0 = nothing."""

    NONE = 0
    BLOOD_IN_LINE = 1
    RAPID_GAS_LOSS = 2
    CATHETER_RESTRICTION = 3
    BASELINE_HIGH = 4
    DRIVE_STUCK = 5
    DRIVE_SILENT = 6
    BOARD_SILENT = 7
    AUTOFILL_FAILURE = 8
    OVER_TEMPERATURE = 9
    NO_PULSE = 10
    ECG_IN_INTERNAL = 11
    NO_TRIGGER = 12
    BATTERY_CRITICAL = 13
    STANDBY_TOO_LONG = 14
    ECG_LOST = 15
    ECG_STUCK = 16
    PRESSURE_LOST = 17
    PRESSURE_STUCK = 18
    UNASSISTED = 19
    AUGMENTATION_LOW = 20
    SLOW_GAS_LOSS = 21
    GAS_GAIN = 22
    TRIGGER_NOISE = 23
    PRESSURE_TRIGGER_IRREGULAR = 24
    DIASTOLE_TOO_SHORT = 25
    TIMING_NOT_FOUND = 26
    STANDBY_LONG = 27
    THROMBOSIS_RISK = 28
    CASE_WARM = 29
    UNDOCKED = 30
    BATTERY_LOW = 31
    HELIUM_LOW = 32
    LEAD_OFF = 33
    MANUAL_TIMING = 34
    SETTINGS_CLASH = 35


class About(NamedTuple):
    """One alarm: raised when its cause has held `wait_s`, over when it has been gone `hold_s`; `limit_s` from the cause, as the console can see it.

    Latching: stays until it is acknowledged and its cause is gone. `stops`: the pump goes to standby with the balloon empty and waits for the
    clinician (`Settings.restart`).
    """

    priority: Priority
    limit_s: float
    sentence: str
    advice: str
    source: str
    wait_s: float = 0.0
    hold_s: float = 1.0
    latches: bool = False
    stops: bool = False
    certainty: str = "assumed"


HIGH, MEDIUM, LOW = Priority.HIGH, Priority.MEDIUM, Priority.LOW
LIST = "pump.md 1.5 [P], after IEC 60601-1-8"

ALARMS: dict[Alarm, About] = {
    Alarm.NONE: About(Priority.NONE, 0.0, "", "", ""),
    Alarm.BLOOD_IN_LINE: About(
        HIGH, 1.0, "Blood is seen in the helium line: the balloon has a hole.", "Leave the pump stopped; have the balloon removed within 30 minutes.",
        "pump.md 1.3: membrane rupture [M]", latches=True, stops=True,
    ),
    Alarm.RAPID_GAS_LOSS: About(
        HIGH, 10.0, "Helium does not come back from the balloon: it is lost fast, or held there.",
        "Look for blood, an open connector, a kink; empty the balloon with a syringe; then restart, which fills anew.",
        "pump.md 1.4: large drop within a few beats [M]; names as in recalls (FDA 2023)", latches=True, stops=True,
    ),
    Alarm.CATHETER_RESTRICTION: About(
        HIGH, 8.0, "Helium passes the catheter too slowly: it is kinked, wrapped or still in its sheath.",
        "Straighten leg and line, look at the catheter, then restart.", "pump.md 1.3, 10: kink detected within 5 beats", latches=True, stops=True,
    ),
    Alarm.BASELINE_HIGH: About(
        HIGH, 25.0, "The empty balloon stands above 20 mmHg: it is overfilled or cannot empty.",
        "Look for a kink or water in the line; fill anew and restart.",
        "derangedphysiology.com, abnormal balloon pressure waveforms: above about 20 mmHg", latches=True, stops=True, certainty="one source",
    ),
    Alarm.DRIVE_STUCK: About(
        HIGH, 1.0, "The helium pressure stays up, or rises, without a command to drive.",
        "Disconnect the helium line and empty the balloon by hand; change the console.",
        "pump.md 8.3: consoles fail by stopping; watchdog assumed", latches=True, stops=True,
    ),
    Alarm.DRIVE_SILENT: About(
        HIGH, 5.0, "The drive is commanded and the helium pressure does not move.",
        "Look at line and connector; change the console, move the balloon by hand every 5 minutes.",
        "pump.md 8.3; hand movement: pump.md 1.4 (hfsa.org 2018)", latches=True, stops=True,
    ),
    Alarm.BOARD_SILENT: About(
        HIGH, 2.0, "The console no longer hears its own gas transducer.", "Change the console; move the balloon by hand every 5 minutes.",
        "pump.md 8.3: loss of board communication without alarm, FDA 2023, 42 complaints", wait_s=0.3, latches=True, stops=True,
    ),
    Alarm.AUTOFILL_FAILURE: About(
        HIGH, 60.0, "The helium filling has not reached its pressure.", "Look at cylinder, line and connector; then restart, which fills again.",
        "pump.md 1.4, 8.3: FDA 2023, 298 complaints", latches=True, stops=True,
    ),
    Alarm.OVER_TEMPERATURE: About(
        HIGH, 2.0, "The console is too hot and has stopped.", "Free its air ways, change the console; restart when it has cooled.",
        "pump.md 8.3: above 176 F, FDA 2023, 213 complaints", wait_s=0.5, latches=True, stops=True, certainty="one source (the limit)",
    ),
    Alarm.NO_PULSE: About(
        HIGH, 10.0, "No pulse is seen, whatever the ECG shows: ventricular fibrillation, standstill, or beats that move no blood.",
        "Look at the patient: resuscitate; with compressions use the pressure trigger.",
        "pump.md 2.5, 8.2 item 4 (silent stop in ventricular fibrillation)", hold_s=3.0,
    ),
    Alarm.ECG_IN_INTERNAL: About(
        HIGH, 3.0, "The heart beats while the internal trigger is in use.", "Choose the ECG or the pressure trigger.",
        "pump.md 2.1, 10 item 4: within 3 s", hold_s=2.0, certainty="one source (the rule)",
    ),
    Alarm.NO_TRIGGER: About(
        HIGH, 12.0, "No beat has been found for three beats' time; the balloon stays empty.",
        "Look at the patient, then at leads and pressure line; choose another trigger.",
        "pump.md 2.3 item 9: after max(3 R-R, 3 s)",
    ),
    Alarm.BATTERY_CRITICAL: About(
        HIGH, 2.0, "The battery lasts less than 5 minutes.", "Plug the console into the mains now.", LIST, wait_s=0.5, hold_s=5.0,
    ),
    Alarm.STANDBY_TOO_LONG: About(
        HIGH, 905.0, "The balloon has stood still for 15 minutes: clots may form on it.",
        "Start the pump, move the balloon by hand every 5 minutes, or have it removed.", LIST,
    ),
    Alarm.ECG_LOST: About(
        MEDIUM, 1.0, "The chosen ECG lead is off or gives no number.", "Look at the electrodes; choose another lead or the pressure trigger.", LIST,
        wait_s=0.2,
    ),
    Alarm.ECG_STUCK: About(
        MEDIUM, 3.0, "The chosen ECG lead stands at the end of its range or has stopped moving.",
        "Look at the electrodes; choose another lead or the pressure trigger.", LIST, wait_s=0.2,
    ),
    Alarm.PRESSURE_LOST: About(
        MEDIUM, 3.0, "The chosen arterial pressure gives no number.", "Look at the transducer and its cable; choose another source.", LIST, wait_s=1.0,
    ),
    Alarm.PRESSURE_STUCK: About(
        MEDIUM, 4.0, "The chosen arterial pressure stands at the end of its range or does not move (flush, zeroing or a closed tap).",
        "End the flush, open the tap; choose another source.", LIST, wait_s=1.5,
    ),
    Alarm.UNASSISTED: About(
        MEDIUM, 15.0, "Beats are seen, but none has been assisted for 12 seconds.",
        "Choose an ECG trigger, or a pressure nearer to the root; look at ratio and trims.",
        "pump.md 8.3: consoles that stopped without a word; the time assumed",
    ),
    Alarm.AUGMENTATION_LOW: About(
        MEDIUM, 60.0, "The augmented pressure is below its limit.", "Look at volume, timing, position of the balloon and at the patient's stroke volume.",
        "pump.md 1.5: 10 mmHg below that at set-up [M]", hold_s=10.0, certainty="from memory (the limit)",
    ),
    Alarm.SLOW_GAS_LOSS: About(
        MEDIUM, 7200.0, "More helium is lost than passes through the membrane.", "Look at connectors and line, and for blood; fill anew.",
        "pump.md 1.4: diffusion 1-2 mL/h; 10: 5 mL/h found before 10 mL are lost", latches=True,
    ),
    Alarm.GAS_GAIN: About(
        MEDIUM, 120.0, "There is more helium in the line than was filled in, and neither height nor warmth explains it.",
        "Look for blood or water in the line; fill anew.",
        "pump.md 1.4, 8.3: FDA 2023, 198 complaints (with loss)", latches=True,
    ),
    Alarm.TRIGGER_NOISE: About(
        MEDIUM, 15.0, "The trigger's ECG lead is disturbed; beats may be missed or invented.",
        "Look at electrodes and cautery; choose another lead or trigger.", LIST,
        wait_s=5.0, hold_s=5.0,
    ),
    Alarm.PRESSURE_TRIGGER_IRREGULAR: About(
        MEDIUM, 20.0, "The rhythm is irregular and the pressure trigger cannot foresee the next beat.", "Go to an ECG trigger with R-wave deflation.",
        "pump.md 2.1: not for irregular rhythm [M]", wait_s=5.0, hold_s=10.0,
    ),
    Alarm.DIASTOLE_TOO_SHORT: About(
        MEDIUM, 10.0, "Diastole is too short to fill and empty the balloon in every beat.", "Assist one beat in two; treat the fast rate.",
        "pump.md 2.4", hold_s=5.0,
    ),
    Alarm.TIMING_NOT_FOUND: About(
        MEDIUM, 40.0, "Beats are seen, but no pressure shows when the valve closes: timing goes by the population's figures.",
        "Give the console a good arterial pressure, or time by hand.",
        LIST, wait_s=30.0, hold_s=2.0,
    ),
    Alarm.STANDBY_LONG: About(MEDIUM, 605.0, "The balloon has stood still for 10 minutes.", "Start the pump, or move the balloon by hand.", LIST),
    Alarm.THROMBOSIS_RISK: About(
        MEDIUM, 3605.0, "The balloon has moved too little for an hour: one beat in three, or under half of its volume.",
        "Go back to 1:1 or to full volume, or have it removed.",
        "pump.md 7.3: not at 1:3 for over about 1 h [M]; volume never under 50 % (CS300 handout)",
    ),
    Alarm.CASE_WARM: About(
        MEDIUM, 5.0, "The console is getting hot.", "Free its air ways; have another console ready.", "assumed: 60 C", wait_s=2.0, hold_s=10.0,
    ),
    Alarm.UNDOCKED: About(
        MEDIUM, 2.0, "The console has left its cart.", "Dock it again, or make sure of battery and helium for the journey.",
        "pump.md 8.3: shutdown at docking, FDA 2023, 533 complaints", wait_s=0.5,
    ),
    Alarm.BATTERY_LOW: About(LOW, 2.0, "The battery lasts less than 30 minutes.", "Plug the console into the mains.", LIST, wait_s=0.5, hold_s=5.0),
    Alarm.HELIUM_LOW: About(LOW, 5.0, "The helium cylinder holds fewer than 24 fills.", "Change the cylinder.", LIST),
    Alarm.LEAD_OFF: About(LOW, 3.0, "An ECG lead is off; another serves.", "Replace the electrode.", LIST, wait_s=1.0),
    Alarm.MANUAL_TIMING: About(
        LOW, 20.0, "Timing by hand lies outside the advised window.", "Inflate at the notch, empty just before the upstroke; or let the console time.",
        "pump.md 3.6: inflation -20 to +40 ms, emptied -60 to +20 ms [P]", wait_s=5.0, hold_s=5.0,
    ),
    Alarm.SETTINGS_CLASH: About(
        LOW, 10.0, "Trigger, deflation and rhythm do not go together.", "See the log for which; let the console choose.", "pump.md 2.1",
        wait_s=5.0, hold_s=2.0,
    ),
}  # fmt: skip

KINDS = len(Alarm)
PRIORITY = np.array([ALARMS[alarm].priority for alarm in Alarm], np.int64)
WAIT_S = np.array([ALARMS[alarm].wait_s for alarm in Alarm])
HOLD_S = np.array([ALARMS[alarm].hold_s for alarm in Alarm])
LATCHES = np.array([ALARMS[alarm].latches for alarm in Alarm], np.int64)
STOPS = np.array([ALARMS[alarm].stops for alarm in Alarm], np.int64)


def named(mask: int) -> list[Alarm]:
    """The alarms in a mask (bit k = alarm k), gravest first."""
    held = [alarm for alarm in Alarm if alarm and mask >> alarm & 1]
    return sorted(held, key=lambda alarm: (-ALARMS[alarm].priority, alarm))
