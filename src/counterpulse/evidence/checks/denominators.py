"""Rows whose denominators the paper does not print: which ones fit the percentages, and whether any of them gives the printed P.

A population ("among survivors") is bounded by the claim that names it (`at_most` = id of a count), else by the arm. Units: participants.
"""

from collections.abc import Iterator

from counterpulse.evidence.checks.percentages import denominators
from counterpulse.evidence.checks.proportions import Reading, judge, reading
from counterpulse.evidence.checks.two_by_two import WORDS, Table, p_of
from counterpulse.evidence.paper import ALL, Paper, Row, by_arm, counts_of
from counterpulse.evidence.printed import Printed, p_value, share
from counterpulse.evidence.verdict import INCONSISTENT, NOT_CHECKABLE, NOT_REPRODUCIBLE, NOTE, OTHER_TEST, REPRODUCED, Finding, Item

BEYOND = 5  # participants above the population's bound that the explanation of a misfit looks at


def check(paper: Paper) -> Iterator[Item | Finding]:
    """Items for each percentage and P of rows with an unprinted denominator, and a note where no one denominator fits a population."""
    how = reading(paper)
    spans: dict[tuple[str, str], list[tuple[str, list[int]]]] = {}
    for row in paper.counts:
        if not row.get("among") or row.get("n") or not row.get("x"):
            continue
        fits = {arm: _fitting(paper, row, arm) for arm in by_arm(paper, row, "pct")}
        for arm, found in fits.items():
            yield _percentage(paper, row, arm, found)
            if found:
                spans.setdefault((row.population, arm), []).append((row.id, found))
        if "p" in row.of:
            yield _tested(paper, row, fits, how)
    yield from (_varies(population, arm, rows) for (population, arm), rows in spans.items() if not _common(rows))


def bound(paper: Paper, population: str, arm: str) -> int:
    """The most participants a population can hold in an arm."""
    for claim in paper.claimed("population"):
        row = paper.count(str(claim.get("at_most", "")))
        if claim.get("name") == population and row is not None:
            held = counts_of(paper, row)
            return sum(held.values()) if arm == ALL else held.get(arm, paper.size(arm))
    return paper.size(arm)


def _fitting(paper: Paper, row: Row, arm: str) -> list[int]:
    return denominators(share(by_arm(paper, row, "pct")[arm]), counts_of(paper, row)[arm], bound(paper, row.population, arm))


def _percentage(paper: Paper, row: Row, arm: str, found: list[int]) -> Item:
    text, x = str(by_arm(paper, row, "pct")[arm]), counts_of(paper, row)[arm]
    most = bound(paper, row.population, arm)
    item_id = f"{row.id}/pct.{arm}"
    if found:
        span = f"{found[0]} to {found[-1]}" if len(found) > 1 else str(found[0])
        return Item(item_id, "denominator", text, span, REPRODUCED, "some n", f"{x} ({text}%) fits a denominator of {span} (at most {most})")
    near = _explain(share(text), x, most)
    sum_ = f"{x} ({text}%) of at most {most} ({row.population}): {near}"
    sentence = f"{row.name}: no denominator up to {most} makes {x} participants {text}% by rounding."
    return Item(item_id, "denominator", text, "", INCONSISTENT, "some n", sum_, sentence)


def _explain(printed: Printed, x: int, most: int) -> str:
    cut = [n for n in range(max(x, 1), most + BEYOND + 1) if printed.truncated(100 * x / n)]
    beyond = [n for n in denominators(printed, x, most + BEYOND) if n > most]
    parts = [f"cut off instead of rounded it fits {', '.join(map(str, cut))}"] if cut else []
    parts += [f"rounded it fits {', '.join(map(str, beyond))}, more than the {most} there are"] if beyond else []
    return "; ".join(parts) or "nothing near fits"


def _tested(paper: Paper, row: Row, fits: dict[str, list[int]], how: Reading) -> Item:
    active, reference = paper.compared
    text, counts = str(row.get("p")), counts_of(paper, row)
    if not {active, reference} <= fits.keys() & counts.keys():
        return Item(row.id, "p_unstated_n", text, "", NOT_CHECKABLE, "", "no percentage to infer the denominators from")
    printed = p_value(text, how.ceiling)
    found: dict[str, tuple[Table, str]] = {}
    tables = [Table(counts[active], n1, counts[reference], n0) for n1 in fits[active] for n0 in fits[reference]]
    for table in tables:
        verdict, variant = judge(table, printed, how.rule)
        found.setdefault(verdict, (table, variant))
    for verdict in (REPRODUCED, OTHER_TEST):
        if verdict in found:
            return _fits(row, text, verdict, *found[verdict])
    return _misfit(row, text, tables, how)


def _fits(row: Row, text: str, verdict: str, table: Table, variant: str) -> Item:
    p = p_of(variant, table)
    sum_ = f"{table.words}: {WORDS[variant]} {p:.4f}; smallest expected count {table.least_expected:.2f}"
    sentence = "" if verdict == REPRODUCED else f"P = {text} for {row.name} is {WORDS[variant]} ({table.words}), not the test of the paper's rule."
    return Item(row.id, "p_unstated_n", text, f"{p:.4g}", verdict, variant, sum_, sentence)


def _misfit(row: Row, text: str, tables: list[Table], how: Reading) -> Item:
    if not tables:
        sentence = f"P = {text} for {row.name} cannot be reproduced: no denominators fit the printed percentages."
        return Item(row.id, "p_unstated_n", text, "", NOT_REPRODUCIBLE, "", "no pair of denominators fits both percentages", sentence)
    values = [p_of(how.rule.picks(table) or "chi2", table) for table in tables]
    span = f"{min(values):.3f} to {max(values):.3f}"
    sum_ = f"{len(tables)} pairs of denominators fit the percentages, {tables[0].words} to {tables[-1].words}: P {span}"
    sentence = f"P = {text} for {row.name} comes from no denominators that fit the printed percentages (P {span})."
    return Item(row.id, "p_unstated_n", text, span, NOT_REPRODUCIBLE, how.rule.picks(tables[0]) or "", sum_, sentence)


def _common(rows: list[tuple[str, list[int]]]) -> set[int]:
    return set.intersection(*(set(found) for _, found in rows))


def _varies(population: str, arm: str, rows: list[tuple[str, list[int]]]) -> Finding:
    lows, highs = min(found[0] for _, found in rows), max(found[-1] for _, found in rows)
    sentence = f"No one number of {population} in arm {arm} fits all its percentages: the denominators vary from row to row without a note."
    listed = ", ".join(f"{row_id.partition('.')[2]} {found[0]}-{found[-1]}" for row_id, found in rows)
    return Finding(f"{population}.denominators.{arm}", NOTE, sentence, f"range {lows} to {highs}: {listed}")
