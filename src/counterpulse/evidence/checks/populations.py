"""Analysis populations: whether what was analysed is what was defined, and what its percentages imply.

When participants are moved from one arm to the other, the sizes follow, and the printed percentages often fix the events that moved.
Units: participants.
"""

from collections.abc import Iterator

from counterpulse.evidence.checks.proportions import judge, reading
from counterpulse.evidence.checks.two_by_two import WORDS, Table, arithmetic, p_of
from counterpulse.evidence.paper import Paper, Row, by_arm, counts_of
from counterpulse.evidence.printed import p_value, share
from counterpulse.evidence.verdict import INCONSISTENT, NOT_CHECKABLE, NOT_REPRODUCIBLE, NOTE, Finding, Item


def check(paper: Paper) -> Iterator[Item | Finding]:
    """Items and findings for every named population and every row analysed in one. Yields both."""
    claims = paper.claimed("population")
    names = dict.fromkeys(str(claim.get("name")) for claim in claims)
    for name in names:
        defined = [claim for claim in claims if claim.get("name") == name and ("arms" in claim.of or "excludes" in claim.of)]
        moved = [claim for claim in claims if claim.get("name") == name and "moved" in claim.of]
        rows = [row for row in paper.counts if row.population == name and not row.get("x") and row.get("pct")]
        yield from (_contradiction(one, two, rows) for one in defined for two in moved)
        yield from (_one_armed(one, row) for one in defined for row in rows if not moved and _outside(one, row))
        for claim in moved:
            for row in rows:
                yield from _recounted(paper, claim, row)


def _outside(defined: Row, row: Row) -> bool:
    held = [str(arm) for arm in defined.get("arms", [])]
    return bool(held) and not set(row.get("pct", {})) <= set(held)


def _one_armed(defined: Row, row: Row) -> Finding:
    arms = ", ".join(map(str, defined.get("arms", [])))
    sentence = f"The {row.population} population is defined in arm {arms} only, yet {row.id} compares {' and '.join(row.get('pct', {}))}."
    return Finding(f"{row.id}/population", INCONSISTENT, sentence, f"{defined.id}: arms {arms}; {row.id}: {', '.join(row.get('pct', {}))}")


def _contradiction(defined: Row, moved: Row, rows: list[Row]) -> Finding:
    move = moved.get("moved")
    arms = ", ".join(map(str, defined.get("arms", []))) or "both"
    says = f"participants of arm {arms} without {defined.get('excludes', 'violations')}"
    sentence = (
        f"The {defined.get('name')} population is defined as {says}, but the analysis moves participants from {move.get('from')} to "
        f"{move.get('to')}: that is as treated."
    )
    shown = ", ".join(row.id for row in rows)
    return Finding(moved.id, INCONSISTENT, sentence, f"{defined.id} keeps and excludes; {moved.id} moves; analysed in {shown or 'no printed row'}")


def _moved_sizes(paper: Paper, claim: Row) -> tuple[dict[str, int], int]:
    move = claim.get("moved")
    row = paper.count(str(move.get("count", "")))
    number = counts_of(paper, row).get(str(move["from"]), 0) if row is not None else int(move.get("n", 0))
    sizes = dict(paper.arms)
    sizes[str(move["from"])] -= number
    sizes[str(move["to"])] += number
    return sizes, number


def _recounted(paper: Paper, claim: Row, row: Row) -> Iterator[Item | Finding]:
    sizes, number = _moved_sizes(paper, claim)
    active, reference = paper.compared
    printed = {arm: share(text) for arm, text in by_arm(paper, row, "pct").items()}
    fits = {arm: [x for x in range(sizes[arm] + 1) if printed[arm].fits(100 * x / sizes[arm])] for arm in printed}
    sum_ = "; ".join(f"{arm} {printed[arm].text}% of {sizes[arm]}: {', '.join(map(str, xs)) or 'none'}" for arm, xs in fits.items())
    if not all(fits.values()) or not {active, reference} <= fits.keys():
        sentence = f"{row.id}: the printed percentages fit no counts of {sizes}." if not all(fits.values()) else ""
        yield Item(f"{row.id}/counts", "population", "", "", INCONSISTENT if sentence else NOT_CHECKABLE, "moved", sum_, sentence)
        return
    table = Table(fits[active][0], sizes[active], fits[reference][0], sizes[reference])
    if "p" in row.of:
        yield _tested(paper, row, table)
    yield from _carried(paper, claim, row, (fits, number))


def _tested(paper: Paper, row: Row, table: Table) -> Item:
    how = reading(paper)
    text = str(row.get("p"))
    verdict, variant = judge(table, p_value(text, how.ceiling), how.rule)
    sentence = f"P {text} of {row.id} does not fit {table.words} ({WORDS[variant]} {p_of(variant, table):.3f})." if verdict == NOT_REPRODUCIBLE else ""
    return Item(row.id, "p_population", text, f"{p_of(variant, table):.4g}", verdict, variant, arithmetic(table), sentence)


def _carried(paper: Paper, claim: Row, row: Row, found: tuple[dict[str, list[int]], int]) -> Iterator[Finding]:
    """How many of those who moved had the outcome, when the whole counts are printed and the percentages leave one answer."""
    fits, number = found
    whole = next((other for other in paper.counts if other.name == row.get("outcome") and paper.arms.keys() <= counts_of(paper, other).keys()), None)
    if whole is None:
        return
    to = str(claim.get("moved")["to"])
    start = counts_of(paper, whole)
    ways = [x - start[to] for x in fits[to] if sum(start.values()) - x in fits[str(claim.get("moved")["from"])] and 0 <= x - start[to] <= number]
    sentence = f"Of the {number} who changed arms {' or '.join(map(str, ways))} had the outcome ({row.get('outcome')})." if ways else (
        f"No number of the {number} who changed arms turns {whole.id} into the percentages of {row.id}.")
    sum_ = "; ".join(f"{arm} {start[arm]}/{paper.size(arm)} as randomised, {', '.join(map(str, fits[arm]))} as analysed" for arm in fits)
    yield Finding(f"{row.id}/moved", NOTE if ways else INCONSISTENT, sentence, sum_)
