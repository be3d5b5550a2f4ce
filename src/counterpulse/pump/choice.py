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
