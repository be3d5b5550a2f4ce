"""Chooses what the console goes by. Writes `pump.choice`, once a sample; knows no gas."""

from counterpulse.kernel import inline
from counterpulse.pump.settings import Settings
from counterpulse.pump.state import Pump


@inline
def choose(settings: Settings, pump: Pump) -> None:
    """As the clinician set it."""
    c = pump.choice
    c.trigger = settings.trigger
    c.ecg_lead = min(max(settings.ecg_lead, 0), 2)
    c.pressure_source = min(max(settings.pressure_source, 0), 3)
    c.ratio = min(max(settings.ratio, 1), 3)
    c.deflation = settings.deflation
    c.standby = 1 if settings.standby != 0 or pump.alarms.stopped != 0 else 0
    c.source_delay_ms = settings.source_delay_ms
    c.inflation_trim_ms = settings.inflation_trim_ms
    c.deflation_trim_ms = settings.deflation_trim_ms
