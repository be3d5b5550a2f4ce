"""The eight goals of Altshock-2, whether escalation is considered or mandatory, what comes next, and readiness to wean.

Knows the tables `goals.toml` and `weaning.toml`. A goal that was not measured stays unknown: the verdict is then bounded, never guessed.
Does not know which pump a hospital has. Units: in every name.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from counterpulse.clinic import logic
from counterpulse.clinic.frame import prepare
from counterpulse.clinic.patient import Patient
from counterpulse.clinic.table import Verdict, columns_of, data, table
from counterpulse.refusal import RefusalError

DERIVED = {"inotropic": "inotropic_score_wernovsky", "vis": "vis_gaies", "vis-altshock": "vis_altshock"}
WORDS = {True: "met", False: "unmet", None: "unknown"}


def _score_name(formula: str) -> str:
    if formula not in DERIVED:
        raise RefusalError(f"The formula {formula!r} of the goals is not known; known are {', '.join(DERIVED)}.")
    return DERIVED[formula]


def _known(patient: Patient, formula: str, parameters: Mapping[str, Any] | None) -> dict[str, Any]:
    values = {**table("goals").settings(parameters), **patient.values}
    given = patient.values.get("inotropic_score")
    values["score_now"] = given if given is not None else patient.values.get(_score_name(formula))
    return values


def goals(patient: Patient, formula: str = "vis-altshock", parameters: Mapping[str, Any] | None = None) -> Verdict:
    """Verdict `reached`, `not reached` or `indeterminate`, with every goal, what is missing, escalation and weaning readiness."""
    body, known = data("goals"), _known(patient, formula, parameters)
    items = {goal["id"]: {"says": goal["says"], "state": WORDS[logic.answer(goal["when"], known)]} for goal in body["goal"]}
    states = [item["state"] for item in items.values()]
    met, unknown = states.count("met"), states.count("unknown")
    missing = _missing(body["goal"], items, known)
    best, worst = (_reached(count, known["needed"]) for count in (met + unknown, met))
    verdict = best if best == worst else "indeterminate"
    escalation = _escalation(verdict, known)
    more = {
        "met": met, "unmet": states.count("unmet"), "unknown": unknown, "goals": items, "escalation": escalation,
        "inotropic_score": known["score_now"], "formula": "given" if patient.values.get("inotropic_score") is not None else formula,
        "weaning": weaning(patient), "assumed": body["table"]["assumed"], "derived": patient.derived,
        "table": {"title": body["table"]["title"], "version": body["table"]["version"]},
    }
    sources = [*body["table"]["sources"], *(item["source"] for item in escalation["advice"])]
    rule = f"{met} of {len(states)} goals met, {known['needed']:g} needed, {unknown} unknown"
    return Verdict(verdict, rule, missing, best, worst, sources, _notes(patient, known), more)


def _missing(items: list[dict[str, Any]], states: Mapping[str, Any], known: Mapping[str, Any]) -> list[str]:
    wanted = [name for goal in items if states[goal["id"]]["state"] == "unknown" for name in logic.names(goal["when"])]
    return ["inotropic_score" if name == "score_now" else name for name in dict.fromkeys(wanted) if known.get(name) is None]


def _reached(count: int, needed: float) -> str:
    return "reached" if count >= needed else "not reached"


def _notes(patient: Patient, known: Mapping[str, Any]) -> list[str]:
    hours = patient.values.get("support_h")
    notes = list(patient.notes)
    if hours is None:
        notes.append("The goals are judged 8 h after enrolment; support_h was not given.")
    elif hours < known["hours"]:
        notes.append(f"support_h is {hours:g} h: the protocol judges the goals at {known['hours']:g} h.")
    return notes


def _escalation(verdict: str, known: Mapping[str, Any]) -> dict[str, Any]:
    advice, open_ = [], []
    for item in data("goals")["advice"]:
        holds = logic.answer(item["when"], known)
        if holds:
            advice.append({key: item[key] for key in ("id", "says", "source", "certainty")})
        elif holds is None:
            open_.append(item["id"])
    mandatory = logic.answer(data("goals")["advice"][0]["when"], known)
    consider = True if mandatory or verdict == "not reached" else None if verdict == "indeterminate" else False
    return {"mandatory": mandatory, "consider": consider, "advice": advice, "not_judged": open_,
            "means": "mechanical ventilation and other temporary circulatory support are considered" if consider else None}


def weaning(patient: Patient, before: Patient | None = None) -> dict[str, Any]:
    """Every readiness set side by side, and the failure criteria; `before` is the same patient before weaning began."""
    known = {**patient.values, **{f"before_{name}": value for name, value in (before.values if before else {}).items()}}
    sets = {}
    for item in data("weaning")["set"]:
        states = {criterion["says"]: WORDS[logic.answer(criterion["when"], known)] for criterion in item["criteria"]}
        words = set(states.values())
        verdict = "not ready" if "unmet" in words else "undetermined" if "unknown" in words else "ready"
        sets[item["id"]] = {"verdict": verdict, "criteria": states, "title": item["title"], "source": item["source"], "certainty": item["certainty"]}
    failures = [item["says"] for item in data("weaning")["failure"] if logic.answer(item["when"], known)]
    return {"sets": sets, "failing": failures, "note": "Evidence is insufficient to choose among the sets (Rogers 2016)."}


def goals_frame(frame: pl.DataFrame, formula: str = "vis-altshock", parameters: Mapping[str, Any] | None = None, *, ready: bool = False) -> pl.DataFrame:
    """Add `goals`, `goals_met`, `goals_unknown`, `goals_best`, `goals_worst`, `escalation_mandatory` to every row."""
    body, settings = data("goals"), table("goals").settings(parameters)
    frame = frame if ready else prepare(frame)
    names = tuple(dict.fromkeys(name for goal in body["goal"] for name in logic.names(goal["when"]) if name not in settings))
    known = {**{name: pl.lit(value) for name, value in settings.items()}, **columns_of(frame, (*names, "inotropic_score", _score_name(formula)))}
    known["score_now"] = pl.coalesce(known["inotropic_score"], known[_score_name(formula)])
    states = [logic.column(goal["when"], known) for goal in body["goal"]]
    met = pl.sum_horizontal([state.fill_null(value=False).cast(pl.Int64) for state in states])
    unknown = pl.sum_horizontal([state.is_null().cast(pl.Int64) for state in states])
    mandatory = logic.column(body["advice"][0]["when"], known)
    out = frame.with_columns(met.alias("goals_met"), unknown.alias("goals_unknown"), mandatory.alias("escalation_mandatory"))
    reach = {name: pl.when(count >= settings["needed"]).then(pl.lit("reached")).otherwise(pl.lit("not reached"))
             for name, count in (("goals_best", pl.col("goals_met") + pl.col("goals_unknown")), ("goals_worst", pl.col("goals_met")))}
    out = out.with_columns(expr.alias(name) for name, expr in reach.items())
    same = pl.col("goals_best") == pl.col("goals_worst")
    return out.with_columns(pl.when(same).then(pl.col("goals_best")).otherwise(pl.lit("indeterminate")).alias("goals"))


