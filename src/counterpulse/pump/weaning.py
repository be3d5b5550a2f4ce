"""Taking the balloon back, by ratio or by volume: who is ready, the next step, when to hold or go back, and the limits against clots. Pure; no pump.

A plan is a list of steps, and a step is inputs: `settings.ratio` or `settings.volume_mL` from a time on. What two sources dispute is shown as
disputed. Units: h, mL, mmHg, L/min/m2, mmol/L, mL/kg/h. Research and education only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from counterpulse.refusal import RefusalError

GEOMETRY = 1e-9


class By(Enum):
    """What is taken back."""

    RATIO = "ratio"
    VOLUME = "volume"


class Criterion(NamedTuple):
    """One number that must be over or under a limit before weaning may begin."""

    name: str
    low: float | None
    high: float | None
    strict: bool  # the limit itself does not pass
    source: str
    certainty: str


ONORATI = "Onorati 2013 J Thorac Cardiovasc Surg 145:1214, randomised, n = 30 (abstract)"
CHECKLIST = "checklist of an image-reading teaching tool (pump.md 7.3 [R40])"
READINESS: Mapping[str, tuple[Criterion, ...]] = {
    "onorati": (
        Criterion("cardiac_index_L_min_m2", 2.5, None, True, ONORATI, "abstract"),
        Criterion("cvp_mmHg", None, 12.0, False, ONORATI, "abstract"),
        Criterion("lactate_mmol_L", None, 2.5, True, ONORATI, "abstract"),
        Criterion("map_mmHg", 65.0, None, True, ONORATI, "abstract"),
        Criterion("urine_mL_kg_h", 1.0, None, False, ONORATI, "abstract; held for 5 h"),
    ),
    "checklist": (
        Criterion("cardiac_index_L_min_m2", 2.0, None, False, CHECKLIST, "weak"),
        Criterion("urine_mL_h", 30.0, None, True, CHECKLIST, "weak"),
        Criterion("heart_rate_per_min", None, 100.0, True, CHECKLIST, "weak"),
        Criterion("ectopics_per_min", None, 6.0, True, CHECKLIST, "weak"),
    ),
}

# limits against clots on a balloon that hardly moves
LEAST_SHARES = {
    "CS300 handout (pump.md 7.3 [R5]): never under 50 %": 0.5,
    "Arrow, from memory (pump.md 7.3 [M]): never under 2/3": 2.0 / 3.0,
    "theguidewire.net (pump.md 7.3 [R90]): 20 mL floor": None,
}
FLOOR_mL = 20.0
STRICT_SHARE, LOOSE_SHARE = 2.0 / 3.0, 0.5
RESTING_RATIO, RESTING_h = 3, 1.0  # not at 1:3 for over about an hour (pump.md 7.3 [M]); theguidewire.net lets 1:3 stand for 6 h: disputed


class Step(NamedTuple):
    """Support from `at_h` on."""

    at_h: float
    ratio: int
    volume_mL: float


@dataclass(frozen=True)
class Protocol:
    """How fast. `ratios`: (ratio, hours at it); `drop_share` of the volume every `every_h`, so many times."""

    by: By
    source: str
    certainty: str
    ratios: tuple[tuple[int, float], ...] = ()
    drop_share: float = 0.0
    every_h: float = 1.0
    drops: int = 0


PROTOCOLS = {
    "onorati-ratio": Protocol(By.RATIO, ONORATI, "abstract", ratios=((2, 4.0), (3, 1.0))),
    "onorati-volume": Protocol(By.VOLUME, ONORATI, "abstract; 10 % read as of the full volume", drop_share=0.1, every_h=1.0, drops=5),
    "classic-ratio": Protocol(
        By.RATIO, "theguidewire.net (pump.md 7.3 [R90]): 1-6 h a step", "one teaching page; 2 h and 1 h chosen here", ratios=((2, 2.0), (3, 1.0))
    ),
}
VERDICT = (
    "Volume kept index, resistance and venous pressure better than ratio in one randomised trial (n = 30) and in pigs (n = 12); "
    "a review finds no difference in outcome proven (Rogers 2016 Interact Cardiovasc Thorac Surg 23:310)."
)


class Ready(NamedTuple):
    """True, False, or None when a number is missing and nothing there speaks against it; what failed and what was missing."""

    ready: bool | None
    failed: list[str]
    missing: list[str]


def ready(observed: Mapping[str, float], rule: str = "onorati") -> Ready:
    """Whether weaning may begin. Raises RefusalError for an unknown rule."""
    if rule not in READINESS:
        raise RefusalError(f"The rule is {rule!r:.40}; it must be one of {', '.join(READINESS)}.")
    failed, missing = [], []
    for criterion in READINESS[rule]:
        value = observed.get(criterion.name)
        if value is None or value != value:  # noqa: PLR0124  NaN
            missing.append(criterion.name)
        elif not passes(criterion, value):
            failed.append(f"{criterion.name} is {value:g}; it must be {limit(criterion)}.")
    return Ready(False if failed else None if missing else True, failed, missing)


def passes(criterion: Criterion, value: float) -> bool:
    """Whether a value meets a criterion."""
    if criterion.low is not None:
        return value > criterion.low if criterion.strict else value >= criterion.low
    high = criterion.high if criterion.high is not None else float("inf")
    return value < high if criterion.strict else value <= high


def limit(criterion: Criterion) -> str:
    """Words for a criterion's limit."""
    if criterion.low is not None:
        return f"{'over' if criterion.strict else 'at least'} {criterion.low:g}"
    return f"{'under' if criterion.strict else 'at most'} {criterion.high:g}"


def floor_mL(full_mL: float, share: float = STRICT_SHARE) -> float:
    """The least volume: a share of the full one and 20 mL, whichever is more, but never more than the full one."""
    return min(max(share * full_mL, FLOOR_mL), full_mL)


def plan(protocol: str, full_mL: float, least_share: float = STRICT_SHARE) -> list[Step]:
    """Steps from full support on; the last is held until removal. Never under `least_share` of the volume, never at 1:3 for over an hour.

    Raises RefusalError for an unknown protocol or a share or volume that the limits do not allow.
    """
    if protocol not in PROTOCOLS:
        raise RefusalError(f"The protocol is {protocol!r:.40}; it must be one of {', '.join(PROTOCOLS)}.")
    if not 0.0 < full_mL <= 50.0:
        raise RefusalError(f"The full volume is {full_mL:g} mL; it must lie in 0 to 50 mL.")
    if not LOOSE_SHARE <= least_share <= 1.0:
        raise RefusalError(f"The least share of the volume is {least_share:g}; it must lie in {LOOSE_SHARE:g} to 1: under half of it clots form.")
    one = PROTOCOLS[protocol]
    steps, at = [Step(0.0, 1, full_mL)], 0.0
    if one.by is By.RATIO:
        for ratio, hours in one.ratios:
            steps.append(Step(at, ratio, full_mL))
            at += hours
        return [*steps[1:], Step(at, 1, full_mL)]  # after the last step: out, or back to full support, never resting
    for k in range(1, one.drops + 1):
        volume = max(full_mL * (1.0 - one.drop_share * k), floor_mL(full_mL, least_share))
        if volume < steps[-1].volume_mL - GEOMETRY:
            steps.append(Step((k - 1) * one.every_h, 1, volume))
    if len(steps) == 1:
        raise RefusalError(f"A balloon of {full_mL:g} mL cannot be weaned by volume: its least is {floor_mL(full_mL, least_share):g} mL; wean it by ratio.")
    return steps[1:]


def inputs(steps: list[Step], start_s: float = 0.0) -> list[tuple[float, str, float]]:
    """The plan as inputs of a run: (time in s, field, value)."""
    made = []
    for step in steps:
        at = start_s + 3600.0 * step.at_h
        made += [(at, "settings.ratio", float(step.ratio)), (at, "settings.volume_mL", step.volume_mL)]
    return made


class Advice(Enum):
    """What to do at the end of a step."""

    NEXT = "next"
    HOLD = "hold"
    BACK = "back"
    REMOVE = "remove"


WORSE = {
    "cardiac_index_L_min_m2": -0.15,
    "map_mmHg": -0.10,
    "cvp_mmHg": 0.20,
    "lactate_mmol_L": 0.20,
    "heart_rate_per_min": 0.20,
}  # change as a share (assumed)


class Move(NamedTuple):
    """What to do, to which step, and why."""

    advice: Advice
    step: Step
    sentence: str


def move(steps: list[Step], now: int, before: Mapping[str, float], observed: Mapping[str, float], hours: float) -> Move:
    """What follows step `now`, held for `hours`, with `before` the numbers at full support. One step back when they worsen, hold when one is missing.

    Raises RefusalError for a step that is not in the plan.
    """
    if not 0 <= now < len(steps):
        raise RefusalError(f"The step is {now}; the plan has steps 0 to {len(steps) - 1}.")
    step, last = steps[now], now == len(steps) - 1
    full = Step(step.at_h, 1, max(one.volume_mL for one in steps) if step.ratio > 1 else step.volume_mL)
    worse = worsened(before, observed)
    if worse:
        back = steps[now - 1] if now > 0 else full
        return Move(Advice.BACK, back, f"One step back: {'; '.join(worse)}.")
    if step.ratio >= RESTING_RATIO and hours >= RESTING_h:
        advice = Advice.REMOVE if ready(observed).ready else Advice.BACK
        return Move(advice, full, "1:3 has lasted an hour: have it removed or go back to 1:1, clots may form.")
    state = ready(observed)
    if state.ready is not True:
        return Move(Advice.HOLD, step, "Hold: " + "; ".join([*state.failed, *(f"{name} is not known" for name in state.missing)]).rstrip(".") + ".")
    if last:
        return Move(Advice.REMOVE, step, "The last step is borne: the balloon may come out, once clotting allows (ACT, INR).")
    return Move(Advice.NEXT, steps[now + 1], "The step is borne.")


def worsened(before: Mapping[str, float], observed: Mapping[str, float]) -> list[str]:
    """What has become worse than at full support by more than is borne."""
    found = []
    for name, share in WORSE.items():
        if name in before and name in observed and before[name] > 0.0:
            change = observed[name] / before[name] - 1.0
            if (share < 0.0 and change < share) or (share > 0.0 and change > share):
                found.append(f"{name} went from {before[name]:g} to {observed[name]:g}")
    return found
