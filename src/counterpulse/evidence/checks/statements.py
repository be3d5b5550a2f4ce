"""What a paper says in words: stopping, outcomes, statements that contradict each other, and the direction of what it concludes.

Knows words as data only (claims); reads no prose.
"""

import math
from collections.abc import Iterator

from counterpulse.evidence.checks.ratios import ratio_of, table_of
from counterpulse.evidence.checks.two_by_two import CHI2, Table, p_of
from counterpulse.evidence.paper import Paper, Row, counts_of, sizes_of
from counterpulse.evidence.printed import p_value
from counterpulse.evidence.verdict import INCONSISTENT, NOT_CHECKABLE, REPRODUCED, Finding, Item
from counterpulse.refusal import RefusalError

PLAIN = {"survival", "event-free survival", "alive"}


def check(paper: Paper) -> Iterator[Item | Finding]:
    """Items and findings from claims of kind stop, outcome and statement. Yields both."""
    yield from _stops(paper)
    yield from _outcomes(paper)
    yield from _contradictions(paper)
    yield from _directions(paper)


def _stops(paper: Paper) -> Iterator[Item]:
    claims = paper.claimed("stop")
    planned = {str(claim.get("purpose")) for claim in claims if claim.get("planned") and claim.get("purpose")}
    ruled = {str(claim.get("purpose")) for claim in claims if claim.get("planned") and claim.get("rule")}
    for claim in claims:
        if "reason" not in claim.of:
            continue
        reason = str(claim.get("reason"))
        sum_ = f"planned for: {', '.join(sorted(planned)) or 'nothing stated'}; with a stated rule: {', '.join(sorted(ruled)) or 'none'}"
        fits = reason in planned
        foreseen = ", ".join(sorted(planned)) or "nothing"
        sentence = "" if fits else f"The trial stopped for {reason}; the plan foresaw looks for {foreseen} and states no {reason} rule."
        yield Item(claim.id, "stopping", reason, ", ".join(sorted(planned)), REPRODUCED if fits else INCONSISTENT, "plan", sum_, sentence)


def _outcomes(paper: Paper) -> Iterator[Item | Finding]:
    for claim in paper.claimed("outcome"):
        yield from _significance(paper, claim)
        beyond = [str(part) for part in claim.get("success", []) if str(part) not in PLAIN]
        if not beyond:
            continue
        timed = {"kaplan-meier", "cox"} & {str(method) for method in claim.get("methods", [])}
        if timed and not claim.get("censoring"):
            sentence = f"How participants with {' or '.join(beyond)} are censored in the {' and '.join(sorted(timed))} analysis is not said."
            yield Finding(f"{claim.id}/censoring", NOT_CHECKABLE, sentence, f"success includes {', '.join(beyond)}; no censoring rule is printed")
        after = [row for row in paper.counts if row.get("event") == claim.get("event") and row.get("after") in beyond]
        died = sum(sum(counts_of(paper, row).values()) for row in after)
        if died:
            sum_ = " + ".join(f"{sum(counts_of(paper, row).values())} ({row.name})" for row in after)
            event = claim.get("event")
            sentence = f"{died} participants had the event ({event}) after what counts as success; whether they count as successes is not said."
            yield Finding(f"{claim.id}/after-success", NOT_CHECKABLE, sentence, f"{sum_} = {died}")


def _significance(paper: Paper, claim: Row) -> Iterator[Item]:
    alpha = float(paper.rules.get("alpha", 0.05))
    row = paper.count(str(claim.get("row", "")))
    printed = [str(row.get("p"))] if row is not None and "p" in row.of else []
    outcome = claim.get("outcome")
    printed += [str(e.get("p")) for e in paper.effects if outcome and "p" in e.of and not e.get("subgroup") and e.get("outcome") == outcome]
    if "significant" in claim.of and printed:
        said = bool(claim.get("significant"))
        reads = [p_value(text) for text in printed]
        fits = any((read.low < alpha) if said else (read.high >= alpha) for read in reads)
        called = "significant" if said else "not significant"
        listed, verdict = ", ".join(printed), REPRODUCED if fits else INCONSISTENT
        sentence = "" if fits else f"{claim.id} calls the difference {called}; the printed P is {listed}."
        sum_ = f"P {listed} against {alpha:g}"
        yield Item(f"{claim.id}/significance", "direction", str(said).lower(), listed, verdict, "alpha", sum_, sentence)
    for key, sign in (("fewer", -1), ("more", 1)):
        if key in claim.of and row is not None and paper.arms.keys() <= counts_of(paper, row).keys() & sizes_of(paper, row).keys():
            yield _way(paper, claim, row, (key, sign))


def _way(paper: Paper, claim: Row, row: Row, way: tuple[str, int]) -> Item:
    key, sign = way
    arm = str(claim.get(key))
    if arm not in paper.arms:
        raise RefusalError(f"{claim.id}: {key} is {arm!r}; it must be one of {', '.join(paper.arms)}.")
    other = next(name for name in paper.compared if name != arm)
    counts, sizes = counts_of(paper, row), sizes_of(paper, row)
    one, two = counts[arm] / sizes[arm], counts[other] / sizes[other]
    fits = (one - two) * sign > 0
    sum_ = f"{arm} {counts[arm]}/{sizes[arm]} = {100 * one:.1f}%, {other} {counts[other]}/{sizes[other]} = {100 * two:.1f}%"
    sentence = "" if fits else f"{claim.id} says {key} in arm {arm}; the counts of {row.id} say otherwise ({sum_})."
    verdict, gap = (REPRODUCED if fits else INCONSISTENT), f"{100 * (one - two):+.1f} points"
    return Item(f"{claim.id}/{key}", "direction", f"{key} {arm}", gap, verdict, "counts", sum_, sentence)


def _contradictions(paper: Paper) -> Iterator[Item]:
    said: dict[str, Row] = {}
    for claim in paper.claimed("statement"):
        subject = str(claim.get("subject", ""))
        first = said.setdefault(subject, claim)
        if first is claim:
            continue
        fits = first.get("says") == claim.get("says")
        sentence = "" if fits else f"On {subject}, {first.id} says '{first.get('says')}' and {claim.id} says '{claim.get('says')}'."
        sum_ = f"{first.id}: {first.get('says')}; {claim.id}: {claim.get('says')}"
        yield Item(claim.id, "statement", str(claim.get("says")), str(first.get("says")), REPRODUCED if fits else INCONSISTENT, "same subject", sum_, sentence)


def _directions(paper: Paper) -> Iterator[Item]:
    """The side of 1 that a ratio is on, against the counts of the same outcome: of the event, or of its opposite."""
    active, reference = paper.compared
    for effect in paper.effects:
        named = [row for row in paper.counts if row.name == effect.get("outcome") and not row.population]
        rows = [row for row in named if {active, reference} <= counts_of(paper, row).keys()]
        if effect.get("subgroup") or effect.population or not rows or not {"est", "lo", "hi"} <= effect.of.keys():
            continue
        counts, sizes = counts_of(paper, rows[0]), sizes_of(paper, rows[0])
        table = Table(counts[active], sizes[active], counts[reference], sizes[reference])
        yield from _side(paper, effect, rows[0], table)


def _side(paper: Paper, effect: Row, row: Row, table: Table) -> Iterator[Item]:
    crude = table.x1 / table.n1 - table.x0 / table.n0
    ratio = ratio_of(effect)
    if not ratio.whole or crude == 0 or abs(math.log(ratio.est.value)) < 0.1:
        return
    events = table_of(paper, effect)
    opposite = events is not None and (events.x1, events.x0) != (table.x1, table.x0)
    same = (ratio.est.value - 1) * crude > 0
    expected = same != (opposite or effect.get("of") == "opposite")
    clear = p_of(CHI2, table) < 0.5
    sum_ = f"{row.id} {table.words} ({100 * crude:+.1f} points), ratio {ratio.est.text}" + ("; the ratio's events are the opposite outcome" if opposite else "")
    if expected or not clear:
        yield Item(f"{effect.id}/direction", "direction", ratio.est.text, f"{100 * crude:+.1f} points", REPRODUCED, "side of 1", sum_)
    elif events is None:
        sentence = f"{effect.id}: a ratio of {ratio.est.text} beside {table.words} of {row.name} can only be of the opposite outcome, which is not said."
        yield Item(f"{effect.id}/direction", "direction", ratio.est.text, f"{100 * crude:+.1f} points", NOT_CHECKABLE, "side of 1", sum_, sentence)
    else:
        sentence = f"{effect.id}: the ratio {ratio.est.text} points the other way than {table.words}."
        yield Item(f"{effect.id}/direction", "direction", ratio.est.text, f"{100 * crude:+.1f} points", INCONSISTENT, "side of 1", sum_, sentence)

