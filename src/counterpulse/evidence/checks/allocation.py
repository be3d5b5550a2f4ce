"""Group sizes, and whether the stated allocation can give them.

Permuted blocks in balance: one list is never apart by more than half a block. With several lists (centres, strata) the end of each list adds
its own difference; each list's last block is taken as cut at a random place. Units: participants.
"""

import math
from collections.abc import Iterator

import numpy as np
from scipy.stats import binom, hypergeom

from counterpulse.evidence.paper import Paper, Row, whole_number
from counterpulse.evidence.verdict import INCONSISTENT, NOT_CHECKABLE, NOT_REPRODUCIBLE, NOTE, REPRODUCED, Finding, Item

USUAL_BLOCK = 8  # an assumption: block sizes in use are 4, 6 and 8 unless a paper says otherwise
UNLIKELY = 0.001


def check(paper: Paper) -> Iterator[Item | Finding]:
    """One item per allocation claim, with the chance of the difference under several readings. Yields items and findings."""
    for claim in paper.claimed("allocation"):
        if len(paper.arms) != 2 or str(claim.get("ratio", "1:1")) != "1:1":
            yield Item(claim.id, "group_sizes", "", "", NOT_CHECKABLE, "", "only two arms at 1:1 are judged")
            continue
        sizes = list(paper.arms.values())
        if "block" in str(claim.get("method", "")).lower():
            yield from _blocks(claim, sizes)
        else:
            yield _simple(claim, sizes)


def _gap(sizes: list[int]) -> int:
    return abs(sizes[0] - sizes[1])


def _simple(claim: Row, sizes: list[int]) -> Item:
    total, gap = sum(sizes), _gap(sizes)
    chance = float(2 * binom.cdf((total - gap) // 2, total, 0.5)) if gap else 1.0
    sum_ = f"simple randomisation of {total}: a difference of {gap} or more has probability {min(chance, 1):.3f}"
    bad = chance < UNLIKELY
    sentence = f"{sizes[0]} v {sizes[1]} is very unlikely ({chance:.1e}) under the stated allocation." if bad else ""
    return Item(claim.id, "group_sizes", f"{sizes[0]} v {sizes[1]}", f"{min(chance, 1):.3f}", INCONSISTENT if bad else REPRODUCED, "binomial", sum_, sentence)


def _blocks(claim: Row, sizes: list[int]) -> Iterator[Item | Finding]:
    gap, stated = _gap(sizes), claim.get("block_sizes", claim.get("blocks"))
    known = [whole_number(size, f"{claim.id}: block size", 100) for size in stated] if isinstance(stated, list) else []
    lists = _lists(claim)
    largest = max(known, default=USUAL_BLOCK)
    needed = 2 * math.ceil(gap / max(lists, 1))
    odd = gap % 2 != sum(sizes) % 2
    possible = gap <= lists * largest / 2 and not odd
    source = f"stated block sizes {known}" if known else f"block sizes not stated, up to {USUAL_BLOCK} assumed"
    readings = _readings(claim, sizes, known or [4, 6])
    sum_ = f"{source}; {lists} list(s) differ by at most {lists} x {largest} / 2 = {lists * largest // 2}, observed {gap}; {readings}"
    printed = f"{sizes[0]} v {sizes[1]}"
    if possible:
        yield Item(claim.id, "group_sizes", printed, f"at most {lists * largest // 2}", REPRODUCED, "blocks", sum_)
    else:
        sentence = (
            f"{printed} is impossible for {lists} permuted-block list(s) with blocks up to {largest}: it needs blocks of {needed} or more, "
            f"or a stratified list, which is not stated."
        )
        verdict = INCONSISTENT if known else NOT_REPRODUCIBLE
        yield Item(claim.id, "group_sizes", printed, f"at most {lists * largest // 2}", verdict, "blocks", sum_, sentence)
    if not known:
        sentence = "The block sizes are not stated, so the group sizes can be judged under assumed ones only."
        yield Finding(f"{claim.id}/block-sizes", NOTE, sentence, readings)


def _lists(claim: Row) -> int:
    """Lists that were drawn: one unless the claim says stratified; `lists` may give the number."""
    given = claim.get("lists")
    if isinstance(given, int):
        return max(whole_number(given, f"{claim.id}: lists", 1000), 1)
    stratified = claim.get("strata")
    return whole_number(stratified, f"{claim.id}: strata", 1000) if stratified is not None else 1


def _readings(claim: Row, sizes: list[int], blocks: list[int]) -> str:
    gap, total = _gap(sizes), sum(sizes)
    centres = claim.get("centres")
    words = [f"one list, blocks {blocks}: {chance(gap, 1, blocks):.2f}"]
    if centres is not None:
        n = whole_number(centres, f"{claim.id}: centres", 300)
        words += [f"{n} centre lists: {chance(gap, n, blocks):.2f}", f"{n} centres x 3 strata: {chance(gap, 3 * n, blocks):.2f}"]
    words.append(f"simple randomisation: {min(1.0, float(2 * binom.cdf((total - gap) // 2, total, 0.5))):.2f}")
    return f"chance of a difference of {gap} or more: " + "; ".join(words)


def chance(gap: int, lists: int, blocks: list[int]) -> float:
    """Probability that `lists` permuted-block lists, each cut at a random place, differ by `gap` or more, given that the total is as odd as `gap`."""
    one = _one_list(blocks)
    whole = np.ones(1)
    for _ in range(lists):
        whole = np.convolve(whole, one)
    differences = np.abs(np.arange(len(whole)) - len(whole) // 2)
    alike = differences % 2 == gap % 2
    return float(whole[alike & (differences >= gap)].sum() / whole[alike].sum())


def _one_list(blocks: list[int]) -> np.ndarray:
    """Distribution of the difference at the end of one list; index len // 2 is no difference. Longer blocks hold more places to be cut at."""
    half = max(blocks) // 2
    shape = np.zeros(2 * half + 1)
    for size in blocks:
        for taken in range(size):
            ones = np.arange(max(0, taken - size // 2), min(taken, size // 2) + 1)
            np.add.at(shape, half + 2 * ones - taken, hypergeom.pmf(ones, size, size // 2, taken) / sum(blocks))
    return shape
