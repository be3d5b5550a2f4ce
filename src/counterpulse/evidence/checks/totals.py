"""Sums: whether the parts of a whole add up, and whether an "any" lies between its largest part and their sum.

Units: participants.
"""

from collections.abc import Iterator

from counterpulse.evidence.paper import ALL, Paper, Row, counts_of, sizes_of, whole_number
from counterpulse.evidence.verdict import INCONSISTENT, NOT_CHECKABLE, REPRODUCED, Item


def check(paper: Paper) -> Iterator[Item]:
    """One item per arm of each claim of kind `total`. Yields items."""
    for claim in paper.claimed("total"):
        given = claim.get("parts", [])
        if given and all(isinstance(part, int) for part in given) and "total" in claim.of:
            yield _stated(claim, [whole_number(part, f"{claim.id}: part") for part in given], whole_number(claim.get("total"), f"{claim.id}: total"))
            continue
        names = [str(name) for name in given]
        if names == ["arms"]:
            yield _stated(claim, list(paper.arms.values()), whole_number(claim.get("total"), f"{claim.id}: total"))
            continue
        rows = [paper.count(name) for name in names]
        held = [row for row in rows if row is not None]
        if len(held) != len(rows) or not held:
            absent = ", ".join(name for name, row in zip(names, rows, strict=True) if row is None)
            yield Item(claim.id, "sum", "", "", NOT_CHECKABLE, "", f"no count is called {absent}")
            continue
        yield from _by_arm(paper, claim, held)


def _stated(claim: Row, parts: list[int], total: int) -> Item:
    summed = sum(parts)
    sum_ = f"{' + '.join(map(str, parts))} = {summed}"
    sentence = "" if summed == total else f"{claim.name}: the parts add up to {summed}; the paper says {total}."
    return Item(claim.id, "sum", str(total), str(summed), REPRODUCED if summed == total else INCONSISTENT, "sum", sum_, sentence)


def _by_arm(paper: Paper, claim: Row, rows: list[Row]) -> Iterator[Item]:
    target = paper.count(str(claim.get("of", "")))
    for arm in counts_of(paper, rows[0]):
        parts = [counts_of(paper, row).get(arm) for row in rows]
        whole = _whole(paper, claim, target, rows, arm)
        if None in parts or whole is None:
            continue
        known = [part or 0 for part in parts]
        yield _any(claim, arm, known, whole) if claim.get("relation") == "any" else _sum(claim, arm, known, whole)


def _whole(paper: Paper, claim: Row, target: Row | None, rows: list[Row], arm: str) -> int | None:
    if target is not None:
        held = counts_of(paper, target)
        return held.get(arm, sum(held.values()) if arm == ALL and paper.arms.keys() <= held.keys() else None)
    if claim.get("of", "arms") != "arms":
        return whole_number(claim.get("of"), f"{claim.id}: of")
    sizes = {sizes_of(paper, row).get(arm, paper.size(arm)) for row in rows}
    return sizes.pop() if len(sizes) == 1 else paper.size(arm)


def _sum(claim: Row, arm: str, parts: list[int], whole: int) -> Item:
    summed = sum(parts)
    sum_ = f"{' + '.join(map(str, parts))} = {summed} of {whole}"
    if summed == whole:
        return Item(f"{claim.id}/{arm}", "sum", str(whole), str(summed), REPRODUCED, "sum", sum_)
    gap = f"{whole - summed} missing without a note" if summed < whole else f"{summed - whole} too many"
    sentence = f"{claim.name} adds up to {summed} of {whole} ({arm}): {gap}."
    return Item(f"{claim.id}/{arm}", "sum", str(whole), str(summed), INCONSISTENT, "sum", sum_, sentence)


def _any(claim: Row, arm: str, parts: list[int], whole: int) -> Item:
    low, high = max(parts), sum(parts)
    fits = low <= whole <= high
    sum_ = f"at least the largest part {low}, at most their sum {high}; printed {whole}"
    sentence = "" if fits else f"{claim.name} cannot be {whole} ({arm}): its parts allow {low} to {high}."
    return Item(f"{claim.id}/{arm}", "sum", str(whole), f"{low} to {high}", REPRODUCED if fits else INCONSISTENT, "any of", sum_, sentence)
