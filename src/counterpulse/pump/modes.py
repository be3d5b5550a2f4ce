"""What sets the trigger modes apart (pump.md 2.1, 2.2): which signal starts a beat, which R waves count, how long nothing can follow. Knows no beat.

| mode | starts a beat | spikes |
|---|---|---|
| ECG | an R wave of any width, threshold adaptive | taken out |
| ECG_PATTERN | an R wave 25 to 135 ms wide | taken out |
| ECG_PEAK | an R wave by height and slope | left in: one may trigger |
| AF | as ECG; deflation at the R wave whatever is set | taken out |
| V_PACED | the ventricular spike, counted where its R wave is due | |
| A_PACED | the atrial spike, counted where its R wave is due | |
"""

from counterpulse.kernel import inline
from counterpulse.pump.settings import Trigger

NARROWEST_S, WIDEST_S = 0.025, 0.135  # pump.md 2.1 [M]: Arrow's pattern trigger
REFRACTORY_S, REFRACTORY_SHARE = 0.25, 0.4  # pump.md 2.2 [P]
PRESSURE_REFRACTORY_S, PRESSURE_REFRACTORY_SHARE = 0.3, 0.5


@inline
def by_r(trigger: int) -> bool:
    """An R wave starts the beat."""
    return trigger == Trigger.ECG or (Trigger.ECG_PATTERN <= trigger <= Trigger.AF)


@inline
def by_spike(trigger: int) -> bool:
    """A pacing spike starts the beat."""
    return trigger == Trigger.V_PACED or trigger == Trigger.A_PACED  # noqa: PLR1714  numba's `in` costs more


@inline
def by_lead(trigger: int) -> bool:
    """The beat comes from an ECG lead, so its loss is the trigger's loss."""
    return trigger != Trigger.PRESSURE and trigger != Trigger.INTERNAL  # noqa: PLR1714


@inline
def counts(trigger: int, width_s: float) -> bool:
    """Whether an R wave of this width starts a beat in this mode."""
    if not by_r(trigger):
        return False
    return trigger != Trigger.ECG_PATTERN or NARROWEST_S <= width_s <= WIDEST_S


@inline
def refractory_s(trigger: int, median_s: float) -> float:
    """Time after a beat's mark within which no other can begin."""
    if trigger == Trigger.PRESSURE:
        return max(PRESSURE_REFRACTORY_S, PRESSURE_REFRACTORY_SHARE * median_s)
    return max(REFRACTORY_S, REFRACTORY_SHARE * min(median_s, 1.0))
