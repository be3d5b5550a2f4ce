"""Subgroups: whether they add up to the whole and bracket the overall ratio, and whether the interaction P is theirs.

The interaction P of two levels is that of the difference of their logs. A model with one baseline for both levels gives a slightly different
z; a difference below Z_SLACK is called that (an allowance of ours, docs/validation/audit.md shows how it was measured).
"""

import itertools
import math
from collections.abc import Iterator

from scipy.special import chdtrc

from counterpulse.evidence.checks.proportions import ceiling_of
from counterpulse.evidence.checks.ratios import Ratio, complementary, p_of_z, ratio_of, table_of
from counterpulse.evidence.checks.two_by_two import Table
from counterpulse.evidence.paper import Paper, Row, counts_of
from counterpulse.evidence.printed import p_value, shown
from counterpulse.evidence.verdict import INCONSISTENT, NOT_CHECKABLE, NOT_REPRODUCIBLE, NOTE, OTHER_TEST, REPRODUCED, Finding, Item

Z_SLACK = 0.35


def check(paper: Paper) -> Iterator[Item | Finding]:
    """Items for totals, linked rows and interactions; notes where all levels lie on one side of the overall ratio."""
    groups = _groups(paper)
    for (outcome, subgroup), levels in groups.items():
        whole = _overall(paper, outcome)
        if whole is not None:
            yield from _totals(paper, subgroup, levels, whole)
            yield from _bracket(paper, subgroup, levels, whole)
    for row in paper.effects:
        yield from _linked(paper, row)
    for row in paper.interactions:
        yield _interaction(paper, row, groups)


def _groups(paper: Paper) -> dict[tuple[str, str], list[Row]]:
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in paper.effects:
        if row.get("subgroup"):
            key = (f"{row.get('outcome', '')}|{row.population}", str(row.get("subgroup")))
            groups.setdefault(key, []).append(row)
    return groups


def _overall(paper: Paper, outcome: str) -> Row | None:
    fits = (row for row in paper.effects if not row.get("subgroup") and f"{row.get('outcome', '')}|{row.population}" == outcome and row.get("events"))
    return next(fits, None)


def _totals(paper: Paper, subgroup: str, levels: list[Row], whole: Row) -> Iterator[Item]:
    for key in ("n", "events"):
        for arm, total in counts_of(paper, whole, key).items():
            parts = [counts_of(paper, row, key).get(arm) for row in levels]
            if None not in parts:
                stated = sum(counts_of(paper, row, f"missing_{key}").get(arm, 0) for row in levels)
                yield _total(f"{subgroup}.{key}.{arm}", [part or 0 for part in parts], total, stated)


def _total(item_id: str, parts: list[int], total: int, stated: int) -> Item:
    summed = sum(parts) + stated
    sum_ = f"{' + '.join(map(str, parts))} = {sum(parts)} of {total}"
    if summed == total:
        return Item(item_id, "subgroup_total", str(total), str(summed), REPRODUCED, "sum", sum_)
    what = f"{total - summed} are not accounted for" if summed < total else f"{summed - total} too many"
    subgroup, _, cell = item_id.partition(".")
    sentence = f"The levels of subgroup {subgroup} do not add up ({cell}: {sum_}); {what}, and no missing are stated."
    return Item(item_id, "subgroup_total", str(total), str(summed), INCONSISTENT, "sum", sum_, sentence)


def _bracket(paper: Paper, subgroup: str, levels: list[Row], whole: Row) -> Iterator[Finding]:
    ratios = [ratio_of(row) for row in (*levels, whole) if {"est", "lo", "hi"} <= row.of.keys()]
    if len(ratios) != len(levels) + 1 or len(levels) < 2:
        return
    *parts, total = ratios
    below = total.est.high < min(part.est.low for part in parts)
    above = total.est.low > max(part.est.high for part in parts)
    if not (below or above):
        return
    side = "above" if below else "below"
    rest = _rest(paper, levels, whole)
    listed = ", ".join(f"{part.row.get('level')} {part.est.text}" for part in parts)
    sentence = f"Every level of {subgroup} has a ratio {side} the overall {total.est.text}; those without a level must explain it."
    yield Finding(f"{subgroup}.bracket", NOTE, sentence, f"{listed}; without a level: {rest}")


def _rest(paper: Paper, levels: list[Row], whole: Row) -> str:
    parts = []
    for arm, n in counts_of(paper, whole, "n").items():
        events = counts_of(paper, whole, "events").get(arm, 0) - sum(counts_of(paper, row, "events").get(arm, 0) for row in levels)
        parts.append(f"{arm} {events} of {n - sum(counts_of(paper, row, 'n').get(arm, 0) for row in levels)} with the event")
    return ", ".join(parts)


def _linked(paper: Paper, row: Row) -> Iterator[Item]:
    """The participants of a level against the row of a table that counts the same people."""
    other = paper.count(str(row.get("row", "")))
    if other is None:
        return
    for arm, n in counts_of(paper, row, "n").items():
        x = counts_of(paper, other).get(arm)
        if x is not None:
            sentence = "" if x == n else f"{row.id} has {n} participants in arm {arm}; {other.id} counts {x}."
            verdict = REPRODUCED if x == n else INCONSISTENT
            yield Item(f"{row.id}/n.{arm}", "subgroup_size", str(n), str(x), verdict, "same people", f"{row.id} {n}, {other.id} {x}", sentence)


def _interaction(paper: Paper, row: Row, groups: dict[tuple[str, str], list[Row]]) -> Item:
    text = str(row.get("p"))
    levels = next((rows for (_, subgroup), rows in groups.items() if subgroup == row.get("subgroup")), [])
    ratios = [ratio_of(level) for level in levels if {"est", "lo", "hi"} <= level.of.keys()]
    ratios = [ratio for ratio in ratios if ratio.whole]
    if len(ratios) < 2:
        return Item(row.id, "p_interaction", text, "", NOT_CHECKABLE, "", "fewer than two levels with an estimate and an interval are printed")
    low, high, z = _between(ratios)
    sum_ = f"difference of {len(ratios)} log ratios against their standard errors: P {low:.3f} to {high:.3f}"
    printed = p_value(text, ceiling_of(paper))
    if printed.fits(low, high):
        return Item(row.id, "p_interaction", text, shown(low, high), REPRODUCED, "difference of logs", sum_)
    return _near(paper, row, ratios, (low, high, z), sum_)


def _near(paper: Paper, row: Row, ratios: list[Ratio], found: tuple[float, float, float], sum_: str) -> Item:
    text, (low, high, _) = str(row.get("p")), found
    printed = p_value(text)
    counted = _from_counts([table_of(paper, ratio.row) for ratio in ratios])
    if counted is not None:
        sum_ += f"; from the event counts {counted:.3f}"
    if counted is not None and printed.fits(counted):
        sentence = f"Interaction P = {text} for {row.get('subgroup')} is not that of the printed ratios ({shown(low, high)}) but fits the event counts."
        return Item(row.id, "p_interaction", text, shown(low, high), OTHER_TEST, "event counts", sum_, sentence)
    near = len(ratios) == 2 and min(abs(_z(edge) - _z(p)) for edge in (printed.low, printed.high) for p in (low, high)) <= Z_SLACK
    if near:
        sentence = f"Interaction P = {text} for {row.get('subgroup')} is near that of the printed ratios ({shown(low, high)}); a joint model may explain it."
        return Item(row.id, "p_interaction", text, shown(low, high), OTHER_TEST, "joint model", sum_, sentence)
    sentence = f"Interaction P = {text} for {row.get('subgroup')} does not follow from the printed ratios, which give {shown(low, high)}."
    return Item(row.id, "p_interaction", text, shown(low, high), NOT_REPRODUCIBLE, "difference of logs", sum_, sentence)


def _z(p: float) -> float:
    from scipy.special import ndtri  # noqa: PLC0415 - only on the rare path

    return float(-ndtri(min(max(p, 1e-300), 1.0) / 2))


def _between(ratios: list[Ratio]) -> tuple[float, float, float]:
    """Smallest and largest P over what the prints allow, and z of the printed values."""
    corners = []
    spreads = [ratio.se_range() for ratio in ratios]
    for logs in itertools.product(*(ratio.log_range() for ratio in ratios)):
        for widths in ([low for low, _ in spreads], [high for _, high in spreads]):
            corners.append(_heterogeneity(list(logs), widths))  # noqa: PERF401
    if len(ratios) == 2:
        (low1, high1), (low2, high2) = (ratio.log_range() for ratio in ratios)
        if low1 <= high2 and low2 <= high1:
            corners.append(1.0)
    middle = [math.log(ratio.est.value) for ratio in ratios]
    return min(corners), max(corners), _heterogeneity(middle, [(low + high) / 2 for low, high in spreads])


def _heterogeneity(logs: list[float], widths: list[float]) -> float:
    if len(logs) == 2:
        return p_of_z((logs[0] - logs[1]) / math.hypot(*widths))
    weights = [1 / width**2 for width in widths]
    mean = sum(w * b for w, b in zip(weights, logs, strict=True)) / sum(weights)
    q = sum(w * (b - mean) ** 2 for w, b in zip(weights, logs, strict=True))
    return float(chdtrc(len(logs) - 1, q))


def _from_counts(tables: list[Table | None]) -> float | None:
    held = [table for table in tables if table is not None and min(table.x1, table.x0) > 0 and table.x1 < table.n1 and table.x0 < table.n0]
    if len(held) != len(tables):
        return None
    return _heterogeneity([math.log(complementary(t)) for t in held], [math.sqrt(1 / t.x1 + 1 / t.x0) for t in held])
