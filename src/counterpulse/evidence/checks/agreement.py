"""The same thing printed in two places: counts, percentages, summaries and ratios must agree.

Rows are the same when they have the same name (the part of the id after the place, or `same_as`) and population. The count of `all` is the
sum of the arms. Pooled quartiles must lie between those of the arms. Units: those of the print.
"""

import itertools
from collections.abc import Iterator
from typing import Any

from counterpulse.evidence.paper import ALL, Paper, Row, by_arm, counts_of, sizes_of
from counterpulse.evidence.printed import number, p_value, share
from counterpulse.evidence.verdict import INCONSISTENT, NOTE, REPRODUCED, Finding, Item


def check(paper: Paper) -> Iterator[Item | Finding]:
    """Items for every value printed again elsewhere. Yields items and notes."""
    for rows in _named(paper.counts).values():
        base = max(rows, key=lambda row: len(counts_of(paper, row).keys() - {ALL}))
        for other in rows:
            if other is not base:
                yield from _counts(paper, base, other)
                yield from _percentages(paper, base, other)
                yield from _same_p(base, other)
    for rows in _named(paper.summaries).values():
        for one, two in itertools.combinations(rows, 2):
            yield from _summaries(paper, one, two)
    for rows in _effects(paper).values():
        for other in rows[1:]:
            yield from _estimates(rows[0], other)
    yield from _two_p(paper)


def _named(rows: tuple[Row, ...]) -> dict[tuple[str, str], list[Row]]:
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        target = str(row.get("same_as", ""))
        name = target.partition(".")[2] if target else row.name
        groups.setdefault((name, row.population), []).append(row)
    return {key: held for key, held in groups.items() if len(held) > 1}


def _filled(paper: Paper, row: Row) -> tuple[dict[str, int], dict[str, int]]:
    counts, sizes = counts_of(paper, row), sizes_of(paper, row)
    if ALL not in counts and paper.arms.keys() <= counts.keys():
        counts = counts | {ALL: sum(counts[arm] for arm in paper.arms)}
        if paper.arms.keys() <= sizes.keys():
            sizes = sizes | {ALL: sum(sizes[arm] for arm in paper.arms)}
    return counts, sizes


def _counts(paper: Paper, base: Row, other: Row) -> Iterator[Item]:
    known, _ = _filled(paper, base)
    again, _ = _filled(paper, other)
    for arm in known.keys() & again.keys() & (counts_of(paper, base).keys() | counts_of(paper, other).keys()):
        one, two = known[arm], again[arm]
        sentence = "" if one == two else f"{other.name} is {two} ({arm}) in {other.place} but {one} in {base.place}."
        sum_ = f"{base.id} {one}, {other.id} {two}"
        yield Item(f"{other.id}/same.{arm}", "said_twice", str(two), str(one), REPRODUCED if one == two else INCONSISTENT, "same row", sum_, sentence)


def _percentages(paper: Paper, base: Row, other: Row) -> Iterator[Item]:
    counts, sizes = _filled(paper, base)
    for arm, text in by_arm(paper, other, "pct").items():
        if arm in counts and sizes.get(arm) and arm not in counts_of(paper, other):
            true = 100 * counts[arm] / sizes[arm]
            fits = share(text).fits(true)
            sum_ = f"{base.id}: {counts[arm]}/{sizes[arm]} = {true:.2f}%"
            sentence = ""
            if not fits:
                twin = _twin(paper, other, arm, str(text))
                sum_ += f"; {text} is printed for {twin}" if twin else ""
                sign = "" if share(text).relation == "words" and not str(text)[-1].isdigit() else "%"
                sentence = f"{other.place} gives {other.name} as {text}{sign} ({arm}); {base.place} gives {true:.1f}%"
                sentence += f", and {text}% is {twin}." if twin else "."
            verdict = REPRODUCED if fits else INCONSISTENT
            yield Item(f"{other.id}/same-pct.{arm}", "said_twice", str(text), f"{true:.2f}", verdict, "same row", sum_, sentence)


def _twin(paper: Paper, row: Row, arm: str, text: str) -> str:
    """Other rows that print this percentage for this arm, when they are few enough to tell something."""
    rows = [other.id for other in paper.counts if other.name != row.name and other.get("x") and by_arm(paper, other, "pct").get(arm) == text]
    return " or ".join(rows) if len(rows) <= 3 else ""


def _same_p(base: Row, other: Row) -> Iterator[Item]:
    if "p" not in base.of or "p" not in other.of:
        return
    one, two = p_value(base.get("p")), p_value(other.get("p"))
    fits = one.fits(two.low, two.high)
    sentence = "" if fits else f"P of {other.name} is {two.text} in {other.place} but {one.text} in {base.place}."
    verdict = REPRODUCED if fits else INCONSISTENT
    yield Item(f"{other.id}/same-p", "said_twice", two.text, one.text, verdict, "same row", f"{base.id} {one.text}, {other.id} {two.text}", sentence)


def _effects(paper: Paper) -> dict[tuple[Any, ...], list[Row]]:
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in paper.effects:
        key = tuple(str(row.get(name, "")) for name in ("outcome", "subgroup", "level", "measure", "population", "adjusted"))
        groups.setdefault(key, []).append(row)
    return {key: rows for key, rows in groups.items() if key[0] and len(rows) > 1}


def _estimates(base: Row, other: Row) -> Iterator[Item]:
    for key in ("est", "lo", "hi", "p"):
        if key in base.of and key in other.of:
            one, two = number(base.get(key)), number(other.get(key))
            fits = one.fits(two.low, two.high)
            sentence = "" if fits else f"{other.id} prints {key} {two.text}; {base.id} prints {one.text} for the same comparison."
            sum_ = f"{base.id} {one.text}, {other.id} {two.text}"
            yield Item(f"{other.id}/same-{key}", "said_twice", two.text, one.text, REPRODUCED if fits else INCONSISTENT, "same ratio", sum_, sentence)


def _summaries(paper: Paper, one: Row, two: Row) -> Iterator[Item | Finding]:
    arms, pooled = (one, two) if ALL not in by_arm(paper, one, "values") else (two, one)
    if one.get("stat") != two.get("stat"):
        sentence = f"{one.name} is called {one.get('stat')} in {one.place} and {two.get('stat')} in {two.place}."
        yield Item(f"{two.id}/stat", "said_twice", str(two.get("stat")), str(one.get("stat")), INCONSISTENT, "same summary",
                   f"{one.id} {one.get('stat')}, {two.id} {two.get('stat')}", sentence)
    whole = by_arm(paper, pooled, "values").get(ALL)
    parts = [values for arm, values in by_arm(paper, arms, "values").items() if arm != ALL]
    if whole is None or len(parts) < 2 or "mean_sd" in (one.get("stat"), two.get("stat")):
        return
    for position, name in enumerate(("median", "first quartile", "third quartile")):
        reads = [number(values[position]) for values in parts]
        low, high = min(read.low for read in reads), max(read.high for read in reads)
        printed = number(whole[position])
        fits = printed.fits(low, high)
        sentence = "" if fits else f"The pooled {name} of {pooled.name} ({printed.text}) lies outside those of the arms ({low:g} to {high:g})."
        yield Item(f"{pooled.id}/{name.replace(' ', '-')}", "pooled_quantile", printed.text, f"{low:g} to {high:g}",
                   REPRODUCED if fits else INCONSISTENT, "between the arms", f"arms {', '.join(r.text for r in reads)}; pooled {printed.text}", sentence)


def _two_p(paper: Paper) -> Iterator[Finding]:
    """One comparison with a P from counts and another from a ratio: both may be right, but a reader should know."""
    for effect in paper.effects:
        if effect.get("subgroup") or "p" not in effect.of:
            continue
        for count in paper.counts:
            same = count.name == effect.get("outcome") and count.population == effect.population
            if same and "p" in count.of and str(count.get("p")) != str(effect.get("p")):
                sentence = f"{count.name} has two P values: {count.get('p')} from the counts ({count.place}) and {effect.get('p')} from the ratio."
                yield Finding(f"{effect.id}/two-p", NOTE, sentence, f"{count.id} {count.get('p')}; {effect.id} {effect.get('p')}")
