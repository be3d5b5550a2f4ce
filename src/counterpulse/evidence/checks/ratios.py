"""Printed ratios against their own interval, P and event counts.

A hazard ratio without adjustment is bounded by its counts: with d1 and d0 events its log has a standard error of at least
sqrt(1/d1 + 1/d0), and of all orders of the events "all of one arm first" gives the extremes. Early censoring moves these bounds a little,
for which a margin of 10 % is left (an assumption of ours). Units: ratios; standard errors on the log scale. P from the interval is Wald's.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from counterpulse.evidence.checks.proportions import ceiling_of
from counterpulse.evidence.checks.two_by_two import VARIANTS, WORDS, Table, p_of
from counterpulse.evidence.paper import Paper, Row, by_arm, counts_of
from counterpulse.evidence.printed import Printed, number, p_value, shown
from counterpulse.evidence.verdict import INCONSISTENT, NOT_CHECKABLE, NOT_REPRODUCIBLE, OTHER_TEST, REPRODUCED, Item

MARGIN = 1.1
SKEW = 0.2  # how far the estimate may sit from the middle of its interval, in half-widths: a profile interval is not quite symmetric
Z95 = 1.959963984540054


class Ratio(NamedTuple):
    """One printed ratio: what it and its limits may be."""

    row: Row
    est: Printed
    lo: Printed
    hi: Printed

    @property
    def whole(self) -> bool:
        """Whether the limits are above zero and in order, so that logs exist."""
        return self.est.value > 0 and self.lo.high > 0 and self.hi.value > 0 and self.lo.value <= self.hi.value

    def log_range(self) -> tuple[float, float]:
        """Smallest and largest log of the estimate."""
        return math.log(max(self.est.low, 1e-6)), math.log(self.est.high)

    def se_range(self) -> tuple[float, float]:
        """Smallest and largest standard error of the log that the limits allow (95 % interval)."""
        low = math.log(max(self.hi.low, 1e-6)) - math.log(max(self.lo.high, 1e-6))
        high = math.log(self.hi.high) - math.log(max(self.lo.low, 1e-6))
        return max(low, 1e-6) / (2 * Z95), high / (2 * Z95)


def check(paper: Paper) -> Iterator[Item]:
    """Items for order, symmetry, P, counts and interval width of every printed ratio. Yields items."""
    for row in paper.effects:
        yield from _rates(paper, row)
        if str(row.get("measure", "HR")).upper() == "RD":
            yield from _difference(paper, row)
            continue
        if not {"est", "lo", "hi"} <= row.of.keys():
            continue
        ratio = ratio_of(row)
        if not ratio.whole or not ratio.lo.low <= ratio.est.value <= ratio.hi.high:
            printed = f"{ratio.est.text} ({ratio.lo.text}-{ratio.hi.text})"
            sentence = f"The estimate {printed} of {row.id} does not lie inside its own interval."
            yield Item(f"{row.id}/interval", "interval", printed, "", INCONSISTENT, "order", f"{printed}: limits in order and above 0?", sentence)
            continue
        yield _symmetry(ratio)
        if "p" in row.of:
            yield _wald(paper, ratio)
        yield from _counts(paper, ratio)


def ratio_of(row: Row) -> Ratio:
    """The printed estimate and limits of an effect."""
    return Ratio(row, number(row.get("est")), number(row.get("lo")), number(row.get("hi")))


def p_of_z(z: float) -> float:
    """Two-sided P of a normal deviate."""
    return float(2 * ndtr(-abs(z)))


def wald_range(ratio: Ratio) -> tuple[float, float]:
    """Smallest and largest Wald P that the printed estimate and limits allow."""
    low, high = ratio.log_range()
    least, most = ratio.se_range()
    nearest = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
    return p_of_z(max(abs(low), abs(high)) / least), p_of_z(nearest / most)


def _symmetry(ratio: Ratio) -> Item:
    middle = math.sqrt(ratio.lo.value * ratio.hi.value)
    low = math.log(max(ratio.lo.low, 1e-6)) + math.log(max(ratio.hi.low, 1e-6))
    high = math.log(ratio.lo.high) + math.log(ratio.hi.high)
    slack = SKEW * ratio.se_range()[1] * Z95
    first, last = ratio.log_range()
    fits = last >= low / 2 - slack and first <= high / 2 + slack
    printed = f"{ratio.est.text} ({ratio.lo.text}-{ratio.hi.text})"
    sum_ = f"middle of {ratio.lo.text} and {ratio.hi.text} on the log scale is {middle:.3f} ({math.exp(low / 2):.3f} to {math.exp(high / 2):.3f})"
    sentence = "" if fits else f"The estimate {ratio.est.text} of {ratio.row.id} is not in the middle of its interval, which is {middle:.2f}."
    return Item(f"{ratio.row.id}/interval", "interval", printed, f"{middle:.3f}", REPRODUCED if fits else INCONSISTENT, "log symmetry", sum_, sentence)


def _wald(paper: Paper, ratio: Ratio) -> Item:
    text = str(ratio.row.get("p"))
    printed, (low, high) = p_value(text, ceiling_of(paper)), wald_range(ratio)
    least, most = ratio.se_range()
    sum_ = f"log SE from the interval {least:.4f} to {most:.4f}, so z = ln({ratio.est.text}) / SE gives P {low:.3f} to {high:.3f}"
    item_id = f"{ratio.row.id}/p"
    if printed.fits(low, high):
        return Item(item_id, "p_wald", text, shown(low, high), REPRODUCED, "wald", sum_)
    table = table_of(paper, ratio.row)
    for variant in VARIANTS if table else ():
        if printed.fits(p_of(variant, table)):
            sentence = f"P = {text} of {ratio.row.id} is not that of its interval ({shown(low, high)}); it is {WORDS[variant]} on the counts."
            return Item(item_id, "p_wald", text, shown(low, high), OTHER_TEST, variant, sum_, sentence)
    sentence = f"P = {text} of {ratio.row.id} does not follow from its estimate and interval, which give {shown(low, high)}."
    return Item(item_id, "p_wald", text, shown(low, high), NOT_REPRODUCIBLE, "wald", sum_, sentence)


def table_of(paper: Paper, row: Row) -> Table | None:
    """The two arms' events and participants of an effect, active arm first; None when not printed."""
    active, reference = paper.compared
    events, sizes = counts_of(paper, row, "events"), counts_of(paper, row, "n")
    if not {active, reference} <= events.keys() & sizes.keys():
        return None
    return Table(events[active], sizes[active], events[reference], sizes[reference])


def _counts(paper: Paper, ratio: Ratio) -> Iterator[Item]:
    table = table_of(paper, ratio.row)
    if table is None:
        return
    if min(table.x1, table.x0) == 0:
        why = f"{table.words}: with no event in an arm the ratio has no finite estimate to compare"
        yield Item(f"{ratio.row.id}/counts", "ratio_counts", ratio.est.text, "", NOT_CHECKABLE, "", why)
        return
    measure = str(ratio.row.get("measure", "HR")).upper()
    if measure == "HR":
        yield _hazard(ratio, table)
        yield _width(ratio, table)
    else:
        yield _closed(ratio, table, measure)


def complementary(table: Table) -> float:
    """Hazard ratio from proportions alone: ln(1-p1) / ln(1-p0); infinite when an arm has only events."""
    p1, p0 = table.x1 / table.n1, table.x0 / table.n0
    return math.log1p(-p1) / math.log1p(-p0) if max(p1, p0) < 1 else math.inf


def _hazard(ratio: Ratio, table: Table) -> Item:
    (low, _), (high, _) = extremes(table)
    fits = ratio.est.high >= low / MARGIN and ratio.est.low <= high * MARGIN
    sum_ = f"{table.words}: ln(1-p1)/ln(1-p0) = {complementary(table):.3f}; over all orders of the events {low:.3f} to {high:.3f}"
    sentence = ""
    if not fits:
        flipped = 1 / ratio.est.value
        way = "; turned round it would fit" if low / MARGIN <= flipped <= high * MARGIN else ""
        sentence = f"The hazard ratio {ratio.est.text} of {ratio.row.id} cannot come from {table.words} ({low:.2f} to {high:.2f}){way}."
    verdict = REPRODUCED if fits else INCONSISTENT
    return Item(f"{ratio.row.id}/counts", "ratio_counts", ratio.est.text, shown(low, high), verdict, "event orders", sum_, sentence)


def _width(ratio: Ratio, table: Table) -> Item:
    floor = math.sqrt(1 / table.x1 + 1 / table.x0)
    ceiling = max(floor, *(se for _, se in extremes(table)))
    least, most = ratio.se_range()
    fits = most >= floor / 1.02 and least <= ceiling * MARGIN
    sum_ = f"sqrt(1/{table.x1} + 1/{table.x0}) = {floor:.3f} at least, {ceiling:.3f} at most; from the interval {least:.3f} to {most:.3f}"
    sentence = ""
    if not fits:
        way = "narrower" if most < floor else "wider"
        sentence = f"The interval of {ratio.row.id} ({ratio.lo.text}-{ratio.hi.text}) is {way} than its event counts allow."
    printed = f"{ratio.lo.text}-{ratio.hi.text}"
    return Item(
        f"{ratio.row.id}/width", "interval_counts", printed, shown(floor, ceiling), REPRODUCED if fits else INCONSISTENT, "log SE", sum_, sentence
    )


def _closed(ratio: Ratio, table: Table, measure: str) -> Item:
    p1, p0 = table.x1 / table.n1, table.x0 / table.n0
    odds = table.x1 * (table.n0 - table.x0), table.x0 * (table.n1 - table.x1)
    value = p1 / p0 if measure == "RR" else (odds[0] / odds[1] if odds[1] else math.inf)
    fits = ratio.est.fits(value)
    name = "risk" if measure == "RR" else "odds"
    sentence = "" if fits else f"The {name} ratio of {ratio.row.id} is printed {ratio.est.text}; {table.words} gives {value:.3f}."
    verdict = REPRODUCED if fits else INCONSISTENT
    return Item(f"{ratio.row.id}/counts", "ratio_counts", ratio.est.text, f"{value:.4g}", verdict, name, f"{table.words}: {value:.4f}", sentence)


def _difference(paper: Paper, row: Row) -> Iterator[Item]:
    """A risk difference against the counts, in points or as a fraction."""
    table = table_of(paper, row)
    if table is None or "est" not in row.of:
        return
    value, printed = table.x1 / table.n1 - table.x0 / table.n0, number(row.get("est"))
    fits = printed.fits(100 * value) or printed.fits(value)
    sentence = "" if fits else f"The risk difference of {row.id} is printed {printed.text}; {table.words} gives {100 * value:.2f} points."
    verdict = REPRODUCED if fits else INCONSISTENT
    yield Item(f"{row.id}/counts", "ratio_counts", printed.text, f"{100 * value:.3g}", verdict, "difference", f"{table.words}: {value:.4f}", sentence)


def _rates(paper: Paper, row: Row) -> Iterator[Item]:
    """A ratio against the printed rates per person-time; a ratio of rates and a hazard ratio differ a little when hazards change."""
    active, reference = paper.compared
    rates, table = by_arm(paper, row, "rate"), table_of(paper, row)
    if table is None or not {active, reference} <= rates.keys() or min(table.x1, table.x0) == 0 or "est" not in row.of:
        return
    one, zero, printed = number(rates[active]), number(rates[reference]), number(row.get("est"))
    if min(one.low, zero.low) <= 0:
        return
    value = one.value / zero.value
    se = math.sqrt(1 / table.x1 + 1 / table.x0)
    fits = printed.high * MARGIN >= one.low / zero.high and printed.low <= one.high / zero.low * MARGIN
    span = f"{value * math.exp(-Z95 * se):.3f} to {value * math.exp(Z95 * se):.3f}"
    sum_ = f"{one.text} / {zero.text} = {value:.3f} ({span}), P {p_of_z(math.log(value) / se):.3f} with {table.x1} and {table.x0} events"
    sentence = "" if fits else f"The ratio {printed.text} of {row.id} is not that of the printed rates, {value:.2f}."
    yield Item(f"{row.id}/rates", "ratio_rates", printed.text, f"{value:.3f}", REPRODUCED if fits else INCONSISTENT, "person-time", sum_, sentence)


def extremes(table: Table) -> tuple[tuple[float, float], tuple[float, float]]:
    """Smallest and largest Cox hazard ratio (with its log SE) over all orders of the events, everybody else followed to the end."""
    x1, n1, x0, n0 = table
    first = _cox(np.r_[n1 - np.arange(x1), np.full(x0, n1 - x1)], np.r_[np.full(x1, n0), n0 - np.arange(x0)], x1)
    last = _cox(np.r_[np.full(x0, n1), n1 - np.arange(x1)], np.r_[n0 - np.arange(x0), np.full(x1, n0 - x0)], x1)
    return last, first


def _cox(at_risk1: np.ndarray, at_risk0: np.ndarray, events1: int) -> tuple[float, float]:
    """Hazard ratio and log SE of one binary covariate from the numbers at risk at each event."""
    low, high, beta, share = -12.0, 12.0, 0.0, np.full(len(at_risk1), 0.5)
    for _ in range(60):
        beta = (low + high) / 2
        share = at_risk1 * math.exp(beta) / (at_risk1 * math.exp(beta) + at_risk0)
        low, high = (beta, high) if share.sum() < events1 else (low, beta)
    information = float((share * (1 - share)).sum())
    return math.exp(beta), 1 / math.sqrt(information) if information > 1e-12 else math.inf
