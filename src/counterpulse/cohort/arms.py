"""The arms of a cohort's experiment: what console and balloon each patient gets. Knows settings and catheters; runs nothing."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from counterpulse.body.gas import CATHETERS, DEFAULT_CATHETER, Catheter, catheter, no_catheter
from counterpulse.pump.settings import Settings, SOURCE_DELAY_ms
from counterpulse.refusal import RefusalError
from counterpulse.signals.sample import Source

RATIOS = {"without": 0, "with": 1, "with-1-2": 2, "with-1-3": 3}
# Balloon by height, cm (pump.md 1.1: 25 mL below 152, 34 to 162, 40 to 183, 50 above; catheters of the table).
SIZES = ((152.0, "25-7.5"), (162.0, "34-7"), (183.0, DEFAULT_CATHETER), (999.0, "50-8"))


@dataclass(frozen=True)
class Arm:
    """One arm: its name, and one beat in how many is assisted (0: no pump)."""

    name: str
    ratio: int

    @property
    def assisted(self) -> bool:
        """Whether there is a pump."""
        return self.ratio > 0


def arms_of(names: str) -> tuple[Arm, ...]:
    """Arms from names separated by commas. Raises RefusalError naming those there are."""
    chosen = [name.strip() for name in names.split(",") if name.strip()]
    for name in chosen:
        if name not in RATIOS:
            raise RefusalError(f"There is no arm {name[:40]!r}; the arms are {', '.join(RATIOS)}.")
    if not chosen or len(set(chosen)) < len(chosen):
        raise RefusalError(f"The arms are {names[:80]!r}; name each once, separated by commas: {', '.join(RATIOS)}.")
    return tuple(Arm(name, RATIOS[name]) for name in chosen)


def size_of(height_cm: float) -> str:
    """The catheter for a height."""
    return next(name for most, name in SIZES if height_cm < most)


def hardware(arm: Arm, patient: Any, pump: dict[str, float]) -> tuple[Catheter, Settings]:
    """Catheter and console for one patient; `pump` holds settings that the preset changes."""
    return equipment(arm, size_of(float(patient.height_cm)), tuple(sorted(pump.items())))


@cache
def equipment(arm: Arm, size: str, pump: tuple[tuple[str, float], ...]) -> tuple[Catheter, Settings]:
    """Catheter and console of a size, made once: whoever runs them copies them."""
    if not arm.assisted:
        return no_catheter(), Settings(standby=1)
    made = CATHETERS[size]
    known = {"volume_mL": made.nominal_mL, "balloon_mL": made.nominal_mL, "line_delay_ms": made.onset_ms, "empty_s": made.empty_ms / 1000.0}
    delay = {"source_delay_ms": SOURCE_DELAY_ms[Source.ROOT]}
    return catheter(size), Settings.check(Settings(**{**known, **delay, **dict(pump), "ratio": arm.ratio}))
