"""Every P of two proportions under every variant, and which variant the paper used.

The paper's own rule decides first. Where the rule does not say whether chi-square was corrected, the setting that reproduces more rows is
taken for all rows. A paper whose largest printed P is 0.99 is read as printing 0.99 for anything above; the count without that reading is
told. Only chi-square with and without correction and Fisher's test can lead to `other_test`: with more variants, chance fits grow.
"""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from counterpulse.evidence.checks.two_by_two import CHI2, FISHER, VARIANTS, WORDS, YATES, Rule, Table, all_p, arithmetic, p_of, rule_of, unconditional
from counterpulse.evidence.paper import Paper, Row, counts_of, sizes_of
from counterpulse.evidence.printed import Printed, p_value, shown
from counterpulse.evidence.verdict import NOT_REPRODUCIBLE, NOTE, OTHER_TEST, REPRODUCED, Finding, Item

MISSING_TRIED = 3  # participants per arm that the search for another denominator leaves out


class Tested(NamedTuple):
    """A row with a printed P and a whole two-by-two table."""

    row: Row
    table: Table
    text: str


class Reading(NamedTuple):
    """How a paper's P values are read: its rule and the P that stands for everything above."""

    rule: Rule
    ceiling: float | None


def check(paper: Paper) -> Iterator[Item | Finding]:
    """One item per printed P of a count with denominators, and one note on which tests the paper used. Yields items and findings."""
    rows = tested(paper)
    if not rows:
        return
    how = reading(paper)
    items = [_item(paper, entry, how) for entry in rows]
    yield from items
    yield _used(rows, items, how)
    yield from _notation(paper, rows, how)


def tested(paper: Paper) -> list[Tested]:
    """Every count that has a printed P, both arms' counts and both denominators."""
    active, reference = paper.compared
    made = []
    for row in paper.counts:
        counts, sizes = counts_of(paper, row), sizes_of(paper, row)
        if "p" in row.of and {active, reference} <= counts.keys() & sizes.keys():
            made.append(Tested(row, Table(counts[active], sizes[active], counts[reference], sizes[reference]), str(row.get("p"))))
    return made


def reading(paper: Paper) -> Reading:
    """The paper's rule and its ceiling, stated or inferred from all its rows."""
    rows = tested(paper)
    ceiling = ceiling_of(paper)
    words = str(paper.rules.get("binary", ""))
    if "yates" in paper.rules:
        return Reading(rule_of(words, paper.rules["yates"]), ceiling)
    plain, corrected = (rule_of(words, yates) for yates in (False, True))
    return Reading(corrected if _score(rows, corrected, ceiling) > _score(rows, plain, ceiling) else plain, ceiling)


def ceiling_of(paper: Paper) -> float | None:
    """The P that stands for everything above it in this paper: stated as `top_p`, or 0.99 (0.999) when that is the largest plain P printed."""
    if "top_p" in paper.rules:
        return p_value(paper.rules["top_p"]).value
    printed = [p_value(row.get("p")) for row in (*paper.counts, *paper.summaries, *paper.effects) if "p" in row.of]
    plain = [read for read in printed if read.relation == "="]
    top = max(plain, key=lambda read: read.value, default=None)
    return top.value if top is not None and abs(top.value + top.unit - 1) < 1e-9 else None


def _score(rows: list[Tested], rule: Rule, ceiling: float | None) -> int:
    return sum(_reproduces(entry, rule.picks(entry.table), ceiling) for entry in rows)


def _reproduces(entry: Tested, variant: str | None, ceiling: float | None) -> bool:
    printed = p_value(entry.text, ceiling)
    tried = VARIANTS if variant is None else (variant,)
    return any(printed.fits(p_of(name, entry.table)) for name in tried)


def judge(table: Table, printed: Printed, rule: Rule) -> tuple[str, str]:
    """Verdict and variant for one table: by the rule, by another variant, or by none."""
    named = rule.picks(table)
    order = [named, *VARIANTS] if named else list(VARIANTS)
    for variant in order:
        if printed.fits(p_of(variant, table)):
            return (REPRODUCED if named in (None, variant) else OTHER_TEST), variant
    return NOT_REPRODUCIBLE, named or CHI2


def _item(paper: Paper, entry: Tested, how: Reading) -> Item:
    printed = p_value(entry.text, how.ceiling)
    verdict, variant = judge(entry.table, printed, how.rule)
    sum_ = arithmetic(entry.table)
    sentence = ""
    if verdict == OTHER_TEST:
        named = how.rule.picks(entry.table) or ""
        sentence = (
            f"P = {entry.text} for {entry.row.name} is {WORDS[variant]}; the paper's own rule asks for {WORDS[named]}, "
            f"which gives {p_of(named, entry.table):.3f}."
        )
    if verdict == NOT_REPRODUCIBLE:
        found = list(elsewhere(paper, entry, how))[:3]
        sum_ += f"; {unconditional(entry.table)}" + ("; would fit " + "; or ".join(found) if found else "; no denominator tried fits")
        sentence = f"P = {entry.text} for {entry.row.name} comes from no variant on {entry.table.words}" + (
            f"; it would fit {found[0]}." if found else "."
        )
    return Item(entry.row.id, "p_proportions", entry.text, shown(p_of(variant, entry.table)), verdict, variant, sum_, sentence)


def elsewhere(paper: Paper, entry: Tested, how: Reading) -> Iterator[str]:
    """Other denominators that would give the printed P: the participants of another row, or a few missing."""
    printed = p_value(entry.text, how.ceiling)
    active, reference = paper.compared
    for other in paper.counts:
        counts = counts_of(paper, other)
        if other.place != entry.row.place or other.id == entry.row.id or not {active, reference} <= counts.keys():
            continue
        yield from _fits(entry.table, counts[active], counts[reference], printed, f"those with {other.name}")
    for gone in range(1, MISSING_TRIED + 1):
        for from_active in range(gone + 1):
            n1, n0 = entry.table.n1 - from_active, entry.table.n0 - (gone - from_active)
            yield from _fits(entry.table, n1, n0, printed, f"{gone} participant(s) missing")


def _fits(table: Table, n1: int, n0: int, printed: Printed, who: str) -> Iterator[str]:
    if n1 < max(table.x1, 1) or n0 < max(table.x0, 1):
        return
    other = Table(table.x1, n1, table.x0, n0)
    for variant, p in all_p(other).items():
        if other.varies and printed.fits(p):
            yield f"{other.words} ({who}), {WORDS[variant]} {p:.3f}"


def _used(rows: list[Tested], items: list[Item], how: Reading) -> Finding:
    tally = Counter(item.verdict for item in items)
    plain = sum(_reproduces(entry, how.rule.picks(entry.table), None) for entry in rows)
    named = {variant: sum(_reproduces(entry, variant, how.ceiling) for entry in rows) for variant in (CHI2, YATES, FISHER)}
    if how.rule.usual is None:
        rule = "any of three tests, since the paper states no rule"
    else:
        rule = WORDS[how.rule.usual] + (f", or {WORDS[FISHER]} when an expected count is below {how.rule.below:g}" if how.rule.below else "")
    sentence = (
        f"Of {len(rows)} recomputable P values of proportions {tally[REPRODUCED]} reproduce by {rule}; {tally[OTHER_TEST]} only by another "
        f"test and {tally[NOT_REPRODUCIBLE]} by none."
    )
    read = f"a printed {how.ceiling:g} read as that or more; {plain} without that reading; " if how.ceiling else ""
    each = ", ".join(f"{WORDS[variant]} {hits}" for variant, hits in named.items())
    return Finding("rules.binary", NOTE, sentence, f"{read}rows that each test alone reproduces: {each}")


def _notation(paper: Paper, rows: list[Tested], how: Reading) -> Iterator[Finding]:
    if how.ceiling is None:
        return
    top = f"{how.ceiling:g}"
    capped = [entry for entry in rows if p_value(entry.text).relation == "=" and p_value(entry.text).value >= how.ceiling - 1e-9]
    above = [entry.row.id for entry in capped if p_of(how.rule.picks(entry.table) or CHI2, entry.table) > p_value(entry.text).high]
    if not above:
        return
    others = {str(row.get("p")) for row in (*paper.counts, *paper.summaries, *paper.effects) if str(row.get("p", "")).startswith(">")} - {f">{top}"}
    elsewhere_ = f"; elsewhere the paper prints {', '.join(sorted(others))}" if others else ""
    sentence = f"The paper prints {top} where the recomputed P is larger, up to 1; it stands for '>{top}'{elsewhere_}."
    yield Finding("rules.top_p", NOTE, sentence, f"{', '.join(above)}: recomputed P above {top}")
