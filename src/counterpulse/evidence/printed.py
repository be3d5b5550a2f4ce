"""A number as a paper prints it: a string, and the interval of true values that the string may stand for.

Knows decimals, `<` and `>`, the raised decimal point of older journals, and a few words for shares ("two-thirds", "almost 60%").
Does not know what the number means. Units: those of the print; percentages in points.
"""

import math
import re
from typing import NamedTuple

from counterpulse.refusal import RefusalError

SLACK = 1e-9
NUMBER = re.compile(r"^[-−]?\d+(?:[.,·]\d+)?$|^[.·]\d+$")
SHARES = {"all": 100.0, "none": 0.0, "half": 50.0, "one-half": 50.0, "a third": 100 / 3, "one-third": 100 / 3, "two-thirds": 200 / 3}
SHARES |= {"a quarter": 25.0, "one-quarter": 25.0, "three-quarters": 75.0}
WORD_MARGIN = 5.0  # points; an assumption of ours: what "about", "almost" and a fraction in words may be off by


class Printed(NamedTuple):
    """What stands in the paper and the closed interval of values that round to it."""

    text: str
    low: float
    high: float
    value: float
    relation: str = "="
    unit: float = 0.0

    def fits(self, low: float, high: float | None = None) -> bool:
        """Whether any value in [low, high] may have been printed so."""
        top = low if high is None else high
        return top >= self.low - SLACK and low <= self.high + SLACK

    def truncated(self, value: float) -> bool:
        """Whether `value` cut off (not rounded) gives the print."""
        return self.relation == "=" and self.value - SLACK <= value < self.value + self.unit - SLACK


def number(text: object, top: float = math.inf) -> Printed:
    """Read one printed number. `top` bounds what `>` may stand for. Raises RefusalError when it is no number."""
    plain = str(text).strip().replace("−", "-").replace("·", ".").rstrip("%").strip()
    relation, rest = _relation(plain)
    if not NUMBER.match(rest):
        raise RefusalError(f"The printed value {text!r} is no number; write it as the paper does, such as '0.46', '<0.001' or '>0.9'.")
    rest = rest.replace(",", ".")
    value, unit = float(rest), 10.0 ** -len(rest.partition(".")[2])
    if relation == "<":
        return Printed(str(text), -math.inf, value, value, "<", unit)
    if relation == ">":
        return Printed(str(text), value, top, value, ">", unit)
    return Printed(str(text), value - unit / 2, value + unit / 2, value, "=", unit)


def _relation(plain: str) -> tuple[str, str]:
    for sign, relation in (("<", "<"), ("≤", "<"), (">", ">"), ("≥", ">"), ("=", "=")):
        if plain.startswith(sign):
            return relation, plain[1:].strip()
    return "=", plain


def share(text: object) -> Printed:
    """Read a printed percentage, in figures or in words, in points of 0 to 100. Raises RefusalError when it is neither."""
    plain = " ".join(str(text).strip().lower().rstrip("%").split())
    margin = WORD_MARGIN
    if plain in SHARES:
        value = SHARES[plain]
        exact = plain in ("all", "none")
        return Printed(str(text), value - (0 if exact else margin), value + (0 if exact else margin), value, "words")
    for word, below, above in (("almost", margin, 0.0), ("nearly", margin, 0.0), ("over", 0.0, margin), ("about", margin, margin)):
        if plain.startswith(word + " "):
            inner = share(plain.removeprefix(word + " "))
            return Printed(str(text), inner.value - below, inner.value + above, inner.value, "words")
    return number(text, 100.0)


def p_value(text: object, ceiling: float | None = None) -> Printed:
    """Read a printed P. `ceiling` is the P that this paper prints for everything above it (0.99 for "0.99 or more"). Range 0 to 1."""
    read = number(text, 1.0)
    if read.low < 0 or read.value > 1:
        read = read._replace(low=max(read.low, 0.0))
    if not 0 <= read.value <= 1:
        raise RefusalError(f"The printed P value is {text}; it must lie in 0 to 1.")
    if ceiling is not None and read.relation == "=" and read.value >= ceiling - SLACK:
        return read._replace(high=1.0)
    return read


def shown(low: float, high: float | None = None) -> str:
    """A recomputed value or range in four significant digits."""
    if high is None or math.isclose(low, high, rel_tol=1e-4, abs_tol=1e-6):
        return f"{low:.4g}"
    return f"{low:.4g} to {high:.4g}"
