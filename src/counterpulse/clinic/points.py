"""Scores that are tables of points: every item takes the first band that holds; items are added, or the highest counts.

Knows how a score is bounded when inputs are missing: an item that is not settled has a lowest and a highest possible number of points.
Does not know the bands (`data/*.toml`). A score with a missing item has no verdict, only bounds, unless zero is declared for it
(`missing_zero`) or the table itself counts what is absent as not met (`partial`).
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from counterpulse.clinic import logic
from counterpulse.clinic.frame import prepare
from counterpulse.clinic.patient import Patient
from counterpulse.clinic.table import Table, Verdict, columns_of, table

TABLES = ("sofa", "sofa-2", "barc", "kdigo", "cardshock", "iabp-shock-ii")


def _inputs(rules: Table, item: Mapping[str, Any]) -> tuple[str, ...]:
    flags = rules.body.get("flags", {})
    found: list[str] = []
    queue = [band["when"] for band in item["bands"]]
    while queue:
        for name in logic.names(queue.pop(0)):
            if name in flags:
                queue.append(flags[name])
            elif name not in found:
                found.append(name)
    return tuple(found)


def _settle(bands: list[dict[str, Any]], known: Mapping[str, Any], *, partial: bool) -> list[Any]:
    """The points an item may still have: one when it is settled."""
    possible = []
    for band in bands:
        holds = logic.answer(band["when"], known)
        if holds or (holds is None and not partial):
            possible.append(band["points"])
        if holds:
            break
    return possible


def score(patient: Patient, name: str, *, missing_zero: bool = False) -> Verdict:
    """One score of one patient by the table `name`."""
    rules = table(name)
    head, known = rules.body["table"], rules.flags(patient.values, {})
    rank = {points: place for place, points in enumerate(head.get("order", []))}
    low, high, items, missing = [], [], {}, []
    for item in rules.body["item"]:
        lenient = head["partial"] or _core_known(item, patient.values)
        sure = _settle(item["bands"], known, partial=lenient)
        open_ = _settle(item["bands"], known, partial=False)
        possible = sorted(open_, key=lambda points: _place(rank, points))
        absent = [n for n in _inputs(rules, item) if patient.values.get(n) is None]
        if len(set(possible)) > 1:
            missing += [n for n in absent if n not in missing]
        settled = sure[0] if lenient or len(set(sure)) == 1 else (0 if missing_zero else None)
        items[item["name"]] = settled
        low.append(possible[0] if settled is None else settled)
        high.append(possible[-1])
    verdict = None if None in items.values() else _combine(list(items.values()), head["combine"], rank)
    best, worst = (_combine(part, head["combine"], rank) for part in (low, high))
    notes = [*patient.notes, *head["notes"]]
    if missing:
        notes.append(f"Incomplete: {', '.join(missing)} missing; the result lies in {best} to {worst}.")
    more = {"score": name, "items": items, "risk": _risk(head, verdict), "incomplete": bool(missing), "certainty": head["certainty"],
            "table": {"title": head["title"], "version": head["version"]}}
    return Verdict(verdict, head["title"], missing, best, worst, head["sources"], notes, more)


def _core_known(item: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether an item's main value is known, so that a missing alternative counts as not met."""
    return "core" in item and all(values.get(name) is not None for name in item["core"])


def _combine(parts: list[Any], how: str, rank: Mapping[Any, int]) -> Any:
    if how == "sum":
        return sum(parts)
    return max(parts, key=lambda points: _place(rank, points))


def _place(rank: Mapping[Any, int], points: Any) -> Any:
    return rank.get(points, points)


def _risk(head: Mapping[str, Any], verdict: Any) -> str | None:
    if verdict is None:
        return None
    return next((band["says"] for band in head.get("risk", []) if band["low"] <= verdict <= band["high"]), None)


def score_frame(frame: pl.DataFrame, name: str, *, ready: bool = False) -> pl.DataFrame:
    """Add `NAME`, `NAME_best`, `NAME_worst` for a score whose points are numbers (sofa, sofa-2, kdigo, cardshock, iabp-shock-ii)."""
    rules = table(name)
    head, frame = rules.body["table"], frame if ready else prepare(frame)
    names = tuple(dict.fromkeys(n for item in rules.body["item"] for n in _inputs(rules, item)))
    known = rules.flag_columns(columns_of(frame, names), {})
    low, high, sure = [], [], []
    for item in rules.body["item"]:
        candidates, firm, reached = [], pl.lit(None, dtype=pl.Int64), pl.lit(value=True)
        for band in item["bands"]:
            holds = logic.column(band["when"], known)
            candidates.append(pl.when(reached & holds.fill_null(value=True)).then(pl.lit(band["points"])))
            firm = pl.when(reached & holds.fill_null(value=False) & firm.is_null()).then(pl.lit(band["points"])).otherwise(firm)
            reached = reached & ~holds.fill_null(value=False)
        least, most = pl.min_horizontal(candidates), pl.max_horizontal(candidates)
        lenient = pl.lit(head["partial"]) | (pl.all_horizontal([known[n].is_not_null() for n in item["core"]]) if "core" in item else pl.lit(value=False))
        sure.append(pl.when(lenient).then(firm).when(least == most).then(least))
        low.append(pl.coalesce(sure[-1], least))
        high.append(most)
    fold = pl.sum_horizontal if head["combine"] == "sum" else pl.max_horizontal
    whole = pl.any_horizontal([part.is_null() for part in sure])
    return frame.with_columns(pl.when(~whole).then(fold(sure)).alias(name), fold(low).alias(f"{name}_best"), fold(high).alias(f"{name}_worst"))


def highest(daily: list[Verdict]) -> Verdict:
    """The highest of a stay's daily scores ("maximum SOFA"); days without a verdict are bounded, not dropped."""
    known = [day.verdict for day in daily if day.verdict is not None]
    missing = [f"day {number}" for number, day in enumerate(daily, 1) if day.verdict is None]
    best, worst = max(day.best for day in daily), max(day.worst for day in daily)
    verdict = max(known) if known and (not missing or worst <= max(known)) else None
    return Verdict(verdict, f"highest of {len(daily)} days: {daily[0].rule}", missing, best, worst, daily[0].sources, daily[0].notes)
