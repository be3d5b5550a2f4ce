"""What the console goes by now: trigger, lead, pressure, ratio and deflation as the autopilot, or in manual mode the clinician, has chosen them.

Every room of the pump reads the choice, none but the autopilot writes it. Knows no signals.
"""

from counterpulse.pump.settings import Deflation, Trigger
from counterpulse.record import Record


class Choice(Record):
    """The choice in force; fields as in `Settings`."""

    trigger: int = Trigger.ECG
    ecg_lead: int = 0
    pressure_source: int = 0
    ratio: int = 1
    deflation: int = Deflation.PREDICTIVE
    standby: int = 0  # asked for, or the pump was stopped by an alarm
    source_delay_ms: float = 0.0
    inflation_trim_ms: float = 0.0  # what the mode allows of the clinician's trims
    deflation_trim_ms: float = 0.0
    close_s: float = 0.0  # mark to closure, held in manual mode; 0 = as expected beat by beat
