"""Summaries of measured values: order, possible means, what counts of zeros imply, and the P that means and SDs allow.

A P from medians and quartiles cannot be recomputed; a plausibility band from an approximate mean and SD (Wan 2014, BMC Med Res Methodol
14:135: mean = (q1 + median + q3) / 3, SD = (q3 - q1) / 1.35) is shown and never judged. Units: those of the print.
"""

import itertools
import math
from collections.abc import Iterator

from scipy.special import stdtr

from counterpulse.evidence.checks.proportions import ceiling_of
from counterpulse.evidence.paper import ALL, Paper, Row, by_arm, counts_of, sizes_of
from counterpulse.evidence.printed import Printed, number, p_value, shown
from counterpulse.evidence.verdict import INCONSISTENT, NOT_CHECKABLE, NOT_REPRODUCIBLE, REPRODUCED, Item

QUARTILE_TO_SD = 1.35  # Wan 2014, large-sample form


def check(paper: Paper) -> Iterator[Item]:
    """Items for the order, possibility and P of every summary. Yields items."""
    for row in paper.summaries:
        values = {arm: [number(text) for text in texts] for arm, texts in by_arm(paper, row, "values").items()}
        for arm, printed in values.items():
            yield _order(row, arm, printed)
            yield from _granular(paper, row, arm, printed)
            yield from _zeros(paper, row, arm, printed)
        if "p" in row.of:
            yield _tested(paper, row, values)


def _order(row: Row, arm: str, printed: list[Printed]) -> Item:
    text = " ".join(read.text for read in printed)
    if row.get("stat") == "mean_sd":
        fits, what = len(printed) < 2 or printed[1].value >= 0, "an SD is at least 0"
    else:
        fits, what = len(printed) < 3 or (printed[1].low <= printed[0].high and printed[0].low <= printed[2].high), "lower, middle, upper"
    sentence = "" if fits else f"{row.name} in arm {arm} is out of order: {text}."
    return Item(f"{row.id}/order.{arm}", "order", text, "", REPRODUCED if fits else INCONSISTENT, what, f"{what}: {text}", sentence)


def _size(paper: Paper, row: Row, arm: str) -> int | None:
    given = counts_of(paper, row, "n")
    if given:
        return given.get(arm)
    return None if row.population or row.get("n_total") else paper.size(arm)


def _granular(paper: Paper, row: Row, arm: str, printed: list[Printed]) -> Iterator[Item]:
    """A mean of whole numbers times n must be a whole number."""
    n = _size(paper, row, arm)
    if not row.get("integer") or row.get("stat") not in ("mean_sd", "mean_range") or n is None:
        return
    mean = printed[0]
    low, high = math.ceil(mean.low * n - 1e-9), math.floor(mean.high * n + 1e-9)
    fits = high >= low
    sum_ = f"{mean.text} x {n} lies in {mean.low * n:.3f} to {mean.high * n:.3f}"
    sentence = "" if fits else f"No whole total of {n} participants has the mean {mean.text} of {row.name} (arm {arm})."
    yield Item(f"{row.id}/mean.{arm}", "possible_mean", mean.text, f"{low / n:.4g}", REPRODUCED if fits else INCONSISTENT, "whole total", sum_, sentence)


def _zeros(paper: Paper, row: Row, arm: str, printed: list[Printed]) -> Iterator[Item]:
    """A value that needs a drug is 0 in everyone without it, so a quantile above 0 needs enough of them."""
    other = paper.count(str(row.get("requires", "")))
    n = _size(paper, row, arm)
    if other is None or n is None or row.get("stat") != "median_iqr" or arm not in counts_of(paper, other):
        return
    without = sizes_of(paper, other)[arm] - counts_of(paper, other)[arm]
    for position, name, share in ((1, "first quartile", 0.25), (0, "median", 0.5), (2, "third quartile", 0.75)):
        if position >= len(printed):
            continue
        read = printed[position]
        last = max(math.ceil(share * (n + 1)), math.ceil(share * (n - 1)) + 1)  # the highest rank that any usual definition of a quantile reads
        must_be_zero = without >= last
        sum_ = f"{without} of {n} had none ({other.id} {n - without}), so values up to rank {without} are 0; the {name} reads ranks up to {last}"
        sentence = ""
        if must_be_zero and read.low > 0:
            sentence = (
                f"The {name} of {row.name} in arm {arm} is printed {read.text}, but {without} of {n} ({100 * without / n:.0f}%) had none of what it "
                f"measures, so it must be 0 unless only users were summarised."
            )
        verdict = INCONSISTENT if sentence else REPRODUCED
        yield Item(f"{row.id}/zeros.{name.replace(' ', '-')}.{arm}", "zeros", read.text, "0" if must_be_zero else "any", verdict, "ranks", sum_, sentence)


def _tested(paper: Paper, row: Row, values: dict[str, list[Printed]]) -> Item:
    active, reference = paper.compared
    text = str(row.get("p"))
    if not {active, reference} <= values.keys():
        return Item(row.id, "p_means", text, "", NOT_CHECKABLE, "", "not both arms are printed")
    pair = values[active], values[reference]
    if row.get("stat") == "mean_sd":
        return _means(paper, row, pair)
    sizes = [_size(paper, row, arm) or paper.size(arm) for arm in (active, reference)]
    if row.get("stat") != "median_iqr" or any(len(printed) < 3 for printed in pair):
        return Item(row.id, "p_means", text, "", NOT_CHECKABLE, "", "neither means with SDs nor medians with quartiles")
    means = [sum(read.value for read in printed) / 3 for printed in pair]
    spreads = [(printed[2].value - printed[1].value) / QUARTILE_TO_SD for printed in pair]
    band = _p(means[0] - means[1], spreads, sizes, welch=False)
    sum_ = f"medians and quartiles only; a t-test on approximate means and SDs (Wan 2014) would give about {band:.3g}"
    return Item(row.id, "p_means", text, f"about {band:.2g}", NOT_CHECKABLE, "plausibility only", sum_)


def _means(paper: Paper, row: Row, pair: tuple[list[Printed], list[Printed]]) -> Item:
    text = str(row.get("p"))
    printed = p_value(text, ceiling_of(paper))
    splits = _splits(paper, row)
    if not splits:
        return Item(row.id, "p_means", text, "", NOT_CHECKABLE, "", "no number of participants is printed")
    found: list[tuple[float, float]] = []
    for sizes in splits:
        found += [_range(pair, sizes, welch) for welch in (False, True)]
    low, high = min(low for low, _ in found), max(high for _, high in found)
    fits = any(printed.fits(*span) for span in found)
    split = f"n {splits[0][0]} v {splits[0][1]}" if len(splits) == 1 else f"any split of {sum(splits[0])} (arms not printed)"
    sum_ = f"t-test with equal and unequal variances, {split}, over what the rounded means and SDs allow: P {low:.3f} to {high:.3f}"
    sentence = "" if fits else f"P = {text} of {row.name} does not follow from its means and SDs, which give {shown(low, high)}."
    return Item(row.id, "p_means", text, shown(low, high), REPRODUCED if fits else NOT_REPRODUCIBLE, "t", sum_, sentence)


def _splits(paper: Paper, row: Row) -> list[tuple[int, int]]:
    active, reference = paper.compared
    whole = paper.count(str(row.get("n_total", "")))
    if whole is not None:
        total = sum(counts_of(paper, whole).values()) if ALL not in counts_of(paper, whole) else counts_of(paper, whole)[ALL]
        low, high = max(2, total - paper.size(reference)), min(paper.size(active), total - 2)
        return [(n, total - n) for n in range(low, high + 1)]
    sizes = _size(paper, row, active), _size(paper, row, reference)
    return [(sizes[0], sizes[1])] if sizes[0] and sizes[1] else []


def _range(pair: tuple[list[Printed], list[Printed]], sizes: tuple[int, int], welch: bool) -> tuple[float, float]:
    (mean1, sd1, *_), (mean0, sd0, *_) = pair
    low, high = mean1.low - mean0.high, mean1.high - mean0.low
    nearest = 0.0 if low <= 0 <= high else min(abs(low), abs(high))
    values = []
    for gap, first, second in itertools.product((nearest, max(abs(low), abs(high))), (sd1.low, sd1.high), (sd0.low, sd0.high)):
        values.append(_p(gap, [max(first, 1e-12), max(second, 1e-12)], list(sizes), welch=welch))
    return min(values), max(values)


def _p(gap: float, spreads: list[float], sizes: list[int], *, welch: bool) -> float:
    parts = [spread**2 / n for spread, n in zip(spreads, sizes, strict=True)]
    if welch:
        se = math.sqrt(sum(parts))
        df = sum(parts) ** 2 / sum(part**2 / (n - 1) for part, n in zip(parts, sizes, strict=True)) if se > 0 else 1.0
    else:
        df = sum(sizes) - 2
        pooled = sum((n - 1) * spread**2 for n, spread in zip(sizes, spreads, strict=True)) / df
        se = math.sqrt(pooled * sum(1 / n for n in sizes))
    return float(2 * stdtr(df, -abs(gap) / se)) if se > 0 else 1.0
