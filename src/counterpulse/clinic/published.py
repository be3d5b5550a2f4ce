"""A published table held against the rule: which stage shares Altshock-2's printed vitals and drug use allow, beside the printed stages.

Knows the printed marginals of its Table 1 and 2 (`data/altshock-2-table.toml`) and bounds the joint distribution by linear programming: no
assumption on how pressure, lactate and drugs go together. Does not know single patients; quartiles give shares to within one patient.
"""

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from scipy.optimize import linprog

from counterpulse.clinic.table import data

CELLS = list(product((0, 1), (0, 1), (0, 1, 2)))  # hypotension, lactate of 2 mmol/L or more, number of drugs (2 = two or more)


def stage_of(cell: tuple[int, int, int]) -> str:
    """The rule's letter for a cell (E and ALT set aside: they can only raise it)."""
    low_pressure, lactate, drugs = cell
    if drugs >= 2 or (drugs == 1 and (low_pressure or lactate)):
        return "D"
    if drugs == 1 or (low_pressure and lactate):
        return "C"
    return "B" if low_pressure or lactate else "A"


@dataclass(frozen=True)
class Reading:
    """One reading of the printed table: what it takes the share on drugs at baseline to be, and why."""

    id: str
    says: str
    drugs_low: float
    drugs_high: float


def bounds(low_pressure: tuple[float, float], lactate: float, reading: Reading) -> dict[str, tuple[float, float]]:
    """Least and greatest share of every stage that the marginals allow; raises nothing, an impossible table gives an empty dict."""
    def row(test: Any) -> list[float]:
        return [1.0 if test(cell) else 0.0 for cell in CELLS]

    hypotensive, treated = row(lambda c: c[0]), row(lambda c: c[2] > 0)
    upper = [(hypotensive, low_pressure[1]), ([-v for v in hypotensive], -low_pressure[0])]
    upper += [(treated, reading.drugs_high), ([-v for v in treated], -reading.drugs_low)]
    equal = [(row(lambda _: True), 1.0), (row(lambda c: c[1]), lactate)]
    found = {}
    for letter in "ABCD":
        aim = np.array(row(lambda c, letter=letter: stage_of(c) == letter))
        limits = {"A_ub": [a for a, _ in upper], "b_ub": [b for _, b in upper], "A_eq": [a for a, _ in equal], "b_eq": [b for _, b in equal]}
        ends = [linprog(sign * aim, **limits) for sign in (1, -1)]
        if not all(end.success for end in ends):
            return {}
        found[letter] = (float(ends[0].fun), float(-ends[1].fun))
    return found


def altshock_shares() -> dict[str, Any]:
    """Printed stage shares, the shares the rule allows under each reading, and every contradiction in one sentence."""
    table, arms, sentences = data("altshock-2-table"), [], []
    for arm in table["arm"]:
        readings = []
        for item in table["reading"]:
            reading = Reading(item["id"], item["says"], item["low"].get(arm["id"], 0.0), item["high"].get(arm["id"], 1.0))
            allowed = bounds(tuple(arm["hypotensive"]), arm["lactate_above_2"] / arm["n"], reading)
            clashes = [_clash(arm, letter, low, high, item["id"]) for letter, (low, high) in allowed.items()]
            sentences += [text for text in clashes if text]
            shares = {letter: list(ends) for letter, ends in allowed.items()}
            readings.append({"reading": item["id"], "says": item["says"], "allowed": shares})
        printed = {letter: arm["printed"].get(letter, 0) for letter in "ABCDE"}
        shown = {letter: 100 * count / arm["n"] for letter, count in printed.items()}
        arms.append({"arm": arm["id"], "n": arm["n"], "printed": printed, "printed_pct": shown, "readings": readings})
    said = {"contradictions": sentences + table["also"], "assumed": table["assumed"], "source": "altshock-2-2025"}
    return {"title": table["title"], "arms": [_whole(arms), *arms], **said}


def _whole(arms: list[dict[str, Any]]) -> dict[str, Any]:
    """Both arms together: bounds of shares add up with the arms' sizes."""
    n = sum(arm["n"] for arm in arms)
    printed = {letter: sum(arm["printed"][letter] for arm in arms) for letter in "ABCDE"}
    readings = []
    for place, item in enumerate(arms[0]["readings"]):
        allowed = {
            letter: [sum(arm["n"] * arm["readings"][place]["allowed"][letter][end] for arm in arms) / n for end in (0, 1)]
            for letter in item["allowed"]
        }
        readings.append({**item, "allowed": allowed})
    shown = {letter: 100 * count / n for letter, count in printed.items()}
    return {"arm": "both arms", "n": n, "printed": printed, "printed_pct": shown, "readings": readings}


def _clash(arm: dict[str, Any], letter: str, low: float, high: float, reading: str) -> str | None:
    printed = arm["printed"].get(letter, 0) / arm["n"]
    slack = 1.0 / arm["n"]  # a quartile leaves one patient open
    if low - slack <= printed <= high + slack:
        return None
    side = "at least" if printed < low else "at most"
    bound = low if printed < low else high
    count = f"{100 * printed:.1f} % ({arm['printed'].get(letter, 0)} of {arm['n']})"
    return f"{arm['id']}, reading {reading}: the rule allows {side} {100 * bound:.0f} % in {letter}, printed are {count}."
