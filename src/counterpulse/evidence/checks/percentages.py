"""Whether printed percentages are those of the printed counts, and which denominators would fit those that are not.

Rounding either way on a tie is accepted; cutting off is named. Units: points of 0 to 100.
"""

import math
from collections.abc import Iterator
from typing import Any

from counterpulse.evidence.paper import Paper, Row, by_arm, counts_of, sizes_of
from counterpulse.evidence.printed import Printed, share
from counterpulse.evidence.verdict import INCONSISTENT, NOT_CHECKABLE, REPRODUCED, Item


def check(paper: Paper) -> Iterator[Item]:
    """One item per printed percentage of a count or an effect whose denominator is known. Yields items."""
    for row in paper.counts:
        yield from _row(paper, row, counts_of(paper, row), sizes_of(paper, row))
    for row in paper.effects:
        yield from _row(paper, row, counts_of(paper, row, "events"), counts_of(paper, row, "n"))


def _row(paper: Paper, row: Row, counts: dict[str, int], sizes: dict[str, int]) -> Iterator[Item]:
    for arm, text in by_arm(paper, row, "pct").items():
        printed = share(text)
        if arm in counts and arm in sizes:
            yield judge(f"{row.id}/pct.{arm}", printed, counts[arm], sizes[arm])
        elif arm in sizes and arm not in counts and printed.relation != "words":
            yield possible(f"{row.id}/pct.{arm}", printed, sizes[arm])


def judge(item_id: str, printed: Printed, x: int, n: int) -> Item:
    """Compare a printed percentage with x of n."""
    if n == 0:
        return Item(item_id, "percentage", printed.text, "", NOT_CHECKABLE, "x / n", f"{x}/0 has no percentage")
    true = 100 * x / n
    sum_ = f"{x}/{n} = {true:.2f}%"
    if printed.fits(true):
        return Item(item_id, "percentage", printed.text, f"{true:.2f}", REPRODUCED, "x / n", sum_)
    others = [m for m in denominators(printed, x, n) if m != n]
    why = f"; it would be {true:.3f} cut off instead of rounded" if printed.truncated(true) else ""
    fit = f"; of the denominators up to {n} it fits {_listed(others)}" if others else f"; no denominator up to {n} fits it"
    sentence = f"The printed {printed.text}% is not {x} of {n}, which is {true:.1f}%{why}{fit}."
    return Item(item_id, "percentage", printed.text, f"{true:.2f}", INCONSISTENT, "x / n", sum_ + why + fit, sentence)


def possible(item_id: str, printed: Printed, n: int) -> Item:
    """Whether any whole number of `n` has the printed percentage."""
    low, high = max(0, math.floor(max(printed.low, 0.0) * n / 100) - 1), min(n, math.ceil(min(printed.high, 100.0) * n / 100) + 1)
    fits = [x for x in range(low, high + 1) if printed.fits(100 * x / n)]
    shown = _listed(fits)
    if fits:
        return Item(item_id, "percentage", printed.text, f"{shown} of {n}", REPRODUCED, "some x / n", f"{shown} of {n} prints {printed.text}%")
    nearest = round(printed.value * n / 100)
    sum_ = f"{nearest}/{n} = {100 * nearest / n:.2f}%"
    sentence = f"No whole number of {n} participants is {printed.text}%; the nearest is {nearest}."
    return Item(item_id, "percentage", printed.text, sum_, INCONSISTENT, "some x / n", sum_, sentence)


def denominators(printed: Printed, x: int, most: int) -> list[int]:
    """Every denominator from x to `most` whose rounded percentage is the printed one."""
    if printed.relation == "words":
        return list(range(max(x, 1), most + 1))
    if x == 0:
        return list(range(1, most + 1)) if printed.fits(0.0) else []
    low = max(x, 1, math.floor(100 * x / max(printed.high, 1e-12)) - 1)
    high = most if printed.low <= 0 else min(most, math.ceil(100 * x / printed.low) + 1)
    return [n for n in range(low, high + 1) if printed.fits(100 * x / n)]


def _listed(numbers: list[Any]) -> str:
    if len(numbers) > 4:
        return f"{numbers[0]} to {numbers[-1]}"
    return ", ".join(str(item) for item in numbers)
