"""Which balloon fits: by height as each maker says, by aortic length where it is known, and where these disagree. Pure functions on data; no pump.

Heights and lengths in cm, balloons in mL. Research and education only: not for choosing a balloon for a patient.
"""

from typing import NamedTuple

from counterpulse.refusal import RefusalError

LOWEST_HEIGHT_cm, HIGHEST_HEIGHT_cm = 120.0, 220.0
LOWEST_AORTA_cm, HIGHEST_AORTA_cm = 12.0, 35.0


class Rule(NamedTuple):
    """One balloon of one maker for heights from `from_cm` up to, not including, `below_cm`."""

    maker: str
    balloon_mL: int
    french: str
    length_mm: int
    from_cm: float
    below_cm: float
    source: str
    certainty: str


MEMORY = "from memory"
HANDOUT = "CS300 handout (pump.md 1.1 [R5])"
TABLE = "pump.md 1.1 [M]"
RULES = (
    Rule("Getinge", 25, "7.5", 174, 0.0, 152.0, TABLE, MEMORY),
    Rule("Getinge", 34, "7-7.5", 219, 152.0, 162.0, TABLE, MEMORY),
    Rule("Getinge", 40, "7-7.5", 258, 162.0, 183.0, HANDOUT, "one source"),
    Rule("Getinge", 50, "8", 258, 183.0, 1000.0, HANDOUT, "one source"),
    Rule("Getinge (Mega)", 50, "8", 258, 162.0, 1000.0, "pump.md 1.1: brochures of the 50 mL balloon [M]", "from memory, disputed: 183 cm elsewhere"),
    Rule("Arrow", 30, "7-7.5", 230, 147.0, 162.0, TABLE, MEMORY),
    Rule("Arrow", 40, "7-8", 262, 162.0, 182.0, TABLE, MEMORY),
    Rule("Arrow", 50, "8", 270, 182.0, 1000.0, TABLE, MEMORY),
)


class AortaRule(NamedTuple):
    """Balloon for a length from left subclavian to celiac artery, from `from_cm` up to `below_cm`."""

    balloon_mL: int
    from_cm: float
    below_cm: float


PARISSIS = "Parissis 2011 J Cardiothorac Surg 6:95, 40 cadavers"
BY_AORTA = (AortaRule(34, 0.0, 21.9), AortaRule(40, 21.9, 26.3), AortaRule(50, 26.3, 1000.0))
ANATOMY = (
    "Height tells little: left subclavian to celiac artery 241 +- 23 mm against balloons of 248 +- 17 mm, mismatch in 68 % (Rastan 2010 Circulation 122 S92); "
    "height explained under 13 % of it in men and under 30 % in women (computed tomography of 107, ASAIO 2014)."
)


class Sized(NamedTuple):
    """What fits: by each maker's heights (several where a maker's own rules overlap), by the aorta (None = length not given), and what to know."""

    by_height: list[Rule]
    by_aorta_mL: int | None
    agree: bool
    sentences: list[str]


def size(height_cm: float, aorta_cm: float | None = None) -> Sized:
    """The balloons for a height and, if known, a length from left subclavian to celiac artery. Raises RefusalError out of range."""
    if not LOWEST_HEIGHT_cm <= height_cm <= HIGHEST_HEIGHT_cm:
        raise RefusalError(f"The height is {height_cm:g} cm; it must lie in {LOWEST_HEIGHT_cm:g} to {HIGHEST_HEIGHT_cm:g} cm.")
    if aorta_cm is not None and not LOWEST_AORTA_cm <= aorta_cm <= HIGHEST_AORTA_cm:
        raise RefusalError(
            f"The aortic length is {aorta_cm:g} cm; from left subclavian to celiac artery it must lie in {LOWEST_AORTA_cm:g} to {HIGHEST_AORTA_cm:g} cm."
        )
    fits = [rule for rule in RULES if rule.from_cm <= height_cm < rule.below_cm]
    by_aorta = None if aorta_cm is None else next(rule.balloon_mL for rule in BY_AORTA if rule.from_cm <= aorta_cm < rule.below_cm)
    volumes = {rule.balloon_mL for rule in fits} | ({by_aorta} if by_aorta else set())
    return Sized(fits, by_aorta, len(volumes) == 1, told(height_cm, aorta_cm, fits, by_aorta))


def told(height_cm: float, aorta_cm: float | None, fits: list[Rule], by_aorta: int | None) -> list[str]:
    """What must be said beside the numbers."""
    lines = []
    makers = {rule.maker.split(" ")[0] for rule in RULES}
    lines += [f"{maker} has no balloon for {height_cm:g} cm." for maker in sorted(makers - {rule.maker.split(" ")[0] for rule in fits})]
    volumes = sorted({rule.balloon_mL for rule in fits})
    if len(volumes) > 1:
        lines.append(f"The makers' rules disagree at {height_cm:g} cm: {', '.join(f'{volume} mL' for volume in volumes)}.")
    if by_aorta is None or aorta_cm is None:
        return [*lines, ANATOMY]
    if by_aorta not in volumes:
        lines.append(
            f"Aortic length {aorta_cm:g} cm asks for {by_aorta} mL ({PARISSIS}), height for {' or '.join(f'{volume} mL' for volume in volumes) or 'none'}."
        )
    longest = max((rule.length_mm for rule in fits), default=0)
    if longest > 10.0 * aorta_cm:
        lines.append(f"A membrane of {longest} mm is longer than the aorta of {10 * aorta_cm:g} mm: it would cover the visceral arteries.")
    return [*lines, ANATOMY]


class Place(NamedTuple):
    """A balloon out of its place, as an input of a run (`fault.NAME` with a severity), and what is seen of it."""

    fault: str
    unit: str
    seen: str
    source: str


PLACES = {
    "too-high": Place("fault.too-high", "cm towards the arch", "left radial pulse weakens; augmentation may fall", "pump.md 7.1, 7.5"),
    "too-low": Place("fault.too-low", "cm towards the feet", "visceral flow falls (urine), augmentation falls", "pump.md 7.1, 1.1: Rastan 2010"),
    "in-the-sheath": Place("fault.sheathed", "share of the membrane", "plateau high and square: catheter restriction", "pump.md 1.3"),
}


def misplaced(place: str, severity: float) -> tuple[str, float]:
    """The input (field, value) that puts a balloon out of its place; `bed.faults` has the ranges. Raises RefusalError for an unknown place."""
    if place not in PLACES:
        raise RefusalError(f"The place is {place!r:.40}; it must be one of {', '.join(PLACES)}.")
    return PLACES[place].fault, severity
