"""A console set up for a patient and a catheter: what it knows of its hardware, then the preset's settings, then what was asked for. mL, ms, s."""

from collections.abc import Mapping

from counterpulse.body.gas import CATHETERS
from counterpulse.cohort.preset import Preset
from counterpulse.pump.settings import Settings, SOURCE_DELAY_ms
from counterpulse.pump.words import settings_in
from counterpulse.refusal import RefusalError
from counterpulse.signals.sample import Source


def console_of(preset: Preset, size: str, asked: Mapping[str, float], where: str) -> Settings:
    """Settings for a preset with the catheter `size` (one of `CATHETERS`). Raises RefusalError for a value out of range or a volume the balloon cannot hold."""
    made = CATHETERS[size]
    start = {"volume_mL": made.nominal_mL, "balloon_mL": made.nominal_mL, "line_delay_ms": made.onset_ms, "empty_s": made.empty_ms / 1000.0}
    values = {**start, **settings_in(preset.pump, where, "[pump]"), **asked}
    values.setdefault("source_delay_ms", SOURCE_DELAY_ms[Source(int(values.get("pressure_source", Source.ROOT)))])
    chosen = Settings.check(Settings(**values))
    if chosen.volume_mL > made.nominal_mL:
        raise RefusalError(f"The volume is {chosen.volume_mL:g} mL; the balloon {size} holds {made.nominal_mL:g} mL.")
    return chosen
