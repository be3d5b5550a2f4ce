"""P of two proportions under every variant that papers use, and which one a paper's stated rule picks.

The rule is read from words such as "chi2 or fisher if expected < 5". Counts are whole participants; P in 0 to 1, two-sided.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from counterpulse.stats.binary import chi_square, exact_unconditional
from counterpulse.stats.conditional import fisher_p
from counterpulse.stats.counts import two_by_two

CHI2, YATES, FISHER = "chi2", "chi2_yates", "fisher"
VARIANTS = (CHI2, YATES, FISHER)
WORDS = {CHI2: "chi-square without correction", YATES: "chi-square with continuity correction", FISHER: "Fisher's exact test"}
ENUMERATED = 200  # participants; above, the exact unconditional tests take long and hardly differ from chi-square
SWITCH = re.compile(r"fisher if (?:any )?expected\s*(?:counts?\s*)?(<=|<)\s*(\d+)")


class Table(NamedTuple):
    """Two arms: events and participants of the active and of the reference arm."""

    x1: int
    n1: int
    x0: int
    n0: int

    @property
    def words(self) -> str:
        """Counts as a paper writes them."""
        return f"{self.x1}/{self.n1} v {self.x0}/{self.n0}"

    @property
    def least_expected(self) -> float:
        """The smallest expected count under no difference."""
        events = self.x1 + self.x0
        total = self.n1 + self.n0
        return min(self.n1, self.n0) * min(events, total - events) / total

    @property
    def varies(self) -> bool:
        """Whether there is anything to test: events and non-events both occur."""
        return 0 < self.x1 + self.x0 < self.n1 + self.n0 and self.n1 > 0 and self.n0 > 0


class Rule(NamedTuple):
    """A paper's rule for proportions: the usual test, and below which expected count it turns to Fisher's."""

    usual: str | None
    below: float | None = None
    or_equal: bool = False

    def picks(self, table: Table) -> str | None:
        """The variant for a table; None when the paper states no rule."""
        if self.below is not None and (table.least_expected < self.below or (self.or_equal and table.least_expected == self.below)):
            return FISHER
        return self.usual


def rule_of(words: str, yates: object) -> Rule:
    """Read a rule. `yates` true or false decides the correction where the words only say chi-square."""
    plain = words.lower()
    if not plain:
        return Rule(None)
    switch = SWITCH.search(plain)
    below = (float(switch.group(2)), switch.group(1) == "<=") if switch else (None, False)
    corrected = yates is True or "yates" in plain or ("correct" in plain and "without" not in plain)
    usual = FISHER if plain.startswith("fisher") else (YATES if corrected else CHI2)
    return Rule(usual, *below)


@lru_cache(maxsize=200_000)
def p_of(variant: str, table: Table) -> float:
    """P of one variant; 1 when there is nothing to test."""
    if not table.varies:
        return 1.0
    counts = two_by_two(*table)
    p = fisher_p(counts, "two-sided") if variant == FISHER else chi_square(counts, yates=variant == YATES).p
    return min(1.0, float(p))


def all_p(table: Table) -> dict[str, float]:
    """P under every variant."""
    return {variant: p_of(variant, table) for variant in VARIANTS}


def arithmetic(table: Table) -> str:
    """Every variant's P and the smallest expected count, in one line."""
    listed = ", ".join(f"{WORDS[variant]} {p:.4f}" for variant, p in all_p(table).items())
    return f"{table.words}: {listed}; smallest expected count {table.least_expected:.2f}"


def unconditional(table: Table) -> str:
    """P of the exact unconditional tests, in one line; shown where nothing usual fits, never taken for a fit."""
    if not table.varies:
        return "exact unconditional tests 1.0000"
    if table.n1 + table.n0 > ENUMERATED:
        return f"exact unconditional tests not run above {ENUMERATED} participants"
    found = [f"{order.capitalize()} {exact_unconditional((table.x1, table.n1, table.x0, table.n0), order=order).p:.4f}" for order in ("barnard", "boschloo")]
    return f"exact unconditional: {', '.join(found)}"
