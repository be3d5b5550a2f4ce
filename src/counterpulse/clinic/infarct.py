"""Endpoints of the older infarct trials: cumulative enzyme release, weighted unsatisfactory outcome, hierarchical win ratio.

Knows the rate constants and weights of `data/infarct.toml`; the weights are this project's, not Braunwald's. Does not know inference (`stats` does).
Units: h, U/L; a weight has none.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from counterpulse.clinic.table import Verdict, data
from counterpulse.refusal import RefusalError


def _samples(raw: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray, float]:
    items = raw.get("samples")
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        raise RefusalError('The LDH samples are missing; give "samples": [{"time_h": …, "ldh_U_L": …}, …] and "baseline_U_L".')
    baseline = raw.get("baseline_U_L")
    if isinstance(baseline, bool) or not isinstance(baseline, int | float) or not 0 <= baseline <= 2000:
        raise RefusalError(f"baseline_U_L is {baseline!r}; it must be the patient's normal activity, 0 to 2000 U/L.")
    pairs = [(item.get("time_h"), item.get("ldh_U_L")) for item in items]
    for time, activity in pairs:
        if not isinstance(time, int | float) or not isinstance(activity, int | float) or time < 0 or not 0 <= activity <= 100000:
            raise RefusalError(f"A sample is time_h {time!r} and ldh_U_L {activity!r}; both must be numbers, 0 or more.")
    known = sorted(pairs)
    times = np.array([time for time, _ in known], dtype=float)
    if len(times) and (np.diff(times) <= 0).any():
        raise RefusalError("Two LDH samples carry the same time_h; give each time once.")
    return times, np.array([max(activity - baseline, 0.0) for _, activity in known]), float(baseline)


def ldhq72(raw: Mapping[str, Any]) -> Verdict:
    """Enzyme released per litre of plasma by 72 h after onset, U/L: what is there, what was cleared, what escaped and has not come back.

    `Q(T) = C(T) + k_cat * int C dt + k_te * int C(t) exp(-k_er (T - t)) dt`, C above baseline, trapezoid rule, C taken as 0 at onset.
    """
    settings = {name: item["value"] for name, item in data("infarct")["ldhq72"]["parameters"].items()}
    times, above, baseline = _samples(raw)
    horizon, title = settings["horizon_h"], data("infarct")["ldhq72"]["title"]
    missing = []
    if len(times) < settings["least_samples"]:
        missing.append(f"{settings['least_samples'] - len(times)} more samples")
    if not len(times) or times[-1] < horizon:
        missing.append(f"a sample at {horizon:g} h or later")
    sources, certainty = data("infarct")["ldhq72"]["sources"], data("infarct")["ldhq72"]["certainty"]
    notes = ["Activity is taken as baseline at the onset of symptoms (assumption)."]
    if missing:
        return Verdict(None, title, missing, None, None, sources, notes, {"score": "ldhq72", "samples": len(times), "certainty": certainty})
    if times[0] > 0:
        times, above = np.concatenate([[0.0], times]), np.concatenate([[0.0], above])
    now = float(np.interp(horizon, times, above))
    inside = times < horizon
    grid, curve = np.concatenate([times[inside], [horizon]]), np.concatenate([above[inside], [now]])
    cleared = settings["catabolic_per_h"] * float(np.trapezoid(curve, grid))
    escaped = settings["escape_per_h"] * float(np.trapezoid(curve * np.exp(-settings["return_per_h"] * (horizon - grid)), grid))
    parts = {"in_plasma_U_L": now, "cleared_U_L": cleared, "outside_plasma_U_L": escaped}
    more = {"score": "ldhq72", "unit": "U/L", "items": parts, "samples": len(times), "baseline_U_L": baseline, "parameters": settings, "certainty": certainty}
    total = now + cleared + escaped
    return Verdict(total, title, [], total, total, sources, notes, more)


def _given(weights: Any, names: list[str]) -> dict[str, Any]:
    """Weights that came with the request: every event named once, 0 to 1."""
    wanted = [name for name in names if name != "says"]
    if not isinstance(weights, Mapping) or sorted(weights) != sorted(wanted):
        raise RefusalError(f"weights must give a number for each of {', '.join(wanted)}.")
    for name, value in weights.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise RefusalError(f"The weight of {name} is {value!r}; it must lie in 0 to 1.")
    return {"says": "weights given with the request, not Braunwald's", **weights}


def unsatisfactory(raw: Mapping[str, Any], weights: str = "project") -> Verdict:
    """Weighted unsatisfactory outcome: the weight of the worst event, 0 without one; `events` is a list of names, null when not known.

    `weights` names a set of the data, or the request itself gives one number an event under `weights`.
    """
    books = data("infarct")["weights"]
    if weights not in books:
        raise RefusalError(f"The weight set {weights!r} is not known; known are {', '.join(books)}.")
    if "weights" in raw:
        books, weights = {"given": _given(raw["weights"], list(books["project"])), **books}, "given"
    events, known = raw.get("events"), [name for name in books[weights] if name != "says"]
    sources = ["braunwald-1993", "califf-1990", "project"]
    if events is None:
        return Verdict(None, books[weights]["says"], ["events"], 0.0, 1.0, sources, [], {"score": "unsatisfactory"})
    for event in events:
        if event not in known:
            raise RefusalError(f"The event {event!r} is not known; known are {', '.join(known)}.")
    worth = {name: max((book[event] for event in events), default=0.0) for name, book in books.items()}
    notes = ["The weights are this project's (assumption); the published ones could not be read."]
    more = {"score": "unsatisfactory", "weights": books[weights], "sensitivity": worth}
    return Verdict(worth[weights], books[weights]["says"], [], worth[weights], worth[weights], sources, notes, more)


def win_ratio(active: Sequence[Sequence[str]], control: Sequence[Sequence[str]]) -> dict[str, float | None]:
    """Every active patient against every control patient by the worst event: wins, losses, ties and wins over losses (None without a loss)."""
    order = [name for name in data("infarct")["weights"]["project"] if name != "says"]
    ranks = [np.array([min((order.index(event) for event in events), default=len(order)) for events in arm]) for arm in (active, control)]
    difference = ranks[0][:, None] - ranks[1][None, :]
    wins, losses = int((difference > 0).sum()), int((difference < 0).sum())
    return {"wins": wins, "losses": losses, "ties": int((difference == 0).sum()), "win_ratio": wins / losses if losses else None}
