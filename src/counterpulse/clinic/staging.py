"""Shock stages A to E by three published schemes, each a table of data: `cswg-2022`, `scai-2022`, `scai-2019`.

Knows how a stage is answered when inputs are missing: a missing input counts as not met, the result says so, and gives the best and the
worst stage that the missing inputs could still make of it. Also the stage without support, for comparing trial arms, and the arrest modifier.
Does not know the boundaries (they are parameters of the tables). Never mix calibrations: mortality by stage depends on the scheme.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from counterpulse.clinic import logic
from counterpulse.clinic.frame import prepare
from counterpulse.clinic.patient import Patient
from counterpulse.clinic.table import Table, Verdict, benign, columns_of, filled_columns, table
from counterpulse.refusal import RefusalError

SCHEMES = ("cswg-2022", "scai-2022", "scai-2019")
SUPPORT = ("drugs", "devices")
ESCALATION = ("escalating_support", "bolus_pressors", "hypotension_despite_max_support")


def scheme_table(scheme: str) -> Table:
    """The table of a scheme. Raises RefusalError for a scheme that is not known."""
    if scheme not in SCHEMES:
        raise RefusalError(f"The staging scheme {scheme!r} is not known; known are {', '.join(SCHEMES)}.")
    return table(scheme)


def _support_free(values: Mapping[str, Any]) -> dict[str, Any]:
    return {**values, "drugs": 0.0, "devices": 0.0, **dict.fromkeys(ESCALATION, False)}


def stage(patient: Patient, scheme: str = "cswg-2022", parameters: Mapping[str, Any] | None = None) -> Verdict:
    """Stage one patient. `parameters` replaces boundaries by name. Verdict is the bare letter; None when nothing the table reads is known."""
    rules = scheme_table(scheme)
    settings, names = rules.settings(parameters), rules.inputs()
    missing = [name for name in names if patient.values.get(name) is None]
    best = rules.first(benign(patient.values, names, worst=False), settings)
    worst = rules.first(benign(patient.values, names, worst=True), settings)
    nothing = len(missing) == len(names)
    free = rules.first(benign(_support_free(patient.values), names, worst=False), settings)
    more = {
        "scheme": scheme,
        "says": "Nothing that this table reads is known." if nothing else best["says"],
        "incomplete": bool(missing),
        "could_raise": _could_raise(patient.values, missing, rules, settings) if missing else {},
        "support_free": None if nothing else free["verdict"],
        "modifier": _modifier(patient, rules, None if nothing else best["verdict"]),
        "inputs": {name: patient.values[name] for name in names if patient.values.get(name) is not None},
        "derived": {name: how for name, how in patient.derived.items() if name in names},
        "parameters": settings,
        "table": {"title": rules.body["table"]["title"], "version": rules.body["table"]["version"]},
        "assumed": rules.body["table"]["assumed"],
    }
    return Verdict(
        verdict=None if nothing else best["verdict"],
        rule="nothing-known" if nothing else best["id"],
        missing=missing,
        best=best["verdict"],
        worst=worst["verdict"],
        sources=rules.body["table"]["sources"] + (["project"] if best["id"] == "outside-published-table" else []),
        notes=[*patient.notes, *_notes(patient, missing, best, worst)],
        more=more,
    )


def _notes(patient: Patient, missing: list[str], best: Mapping[str, Any], worst: Mapping[str, Any]) -> list[str]:
    notes = []
    if missing and best["verdict"] != worst["verdict"]:
        notes.append(f"Incomplete: {len(missing)} inputs are missing and were counted as not met; the stage lies in {best['verdict']} to {worst['verdict']}.")
    if best["id"] == "outside-published-table":
        notes.append("The published table has no row for this patient; another tool returns A here, which this project holds to be unsafe.")
    if patient.values.get("devices"):
        notes.append("A running device by itself raises the stage; compare trial arms by support_free or by the stage before treatment.")
    return notes


def _could_raise(values: Mapping[str, Any], missing: list[str], rules: Table, settings: Mapping[str, Any]) -> dict[str, str]:
    """What the stage would be if one missing input alone were at its worst; only those that change it."""
    names = rules.inputs()
    base = benign(values, names, worst=False)
    now = rules.first(base, settings)["verdict"]
    worst = benign({}, tuple(missing), worst=True)
    alone = {name: rules.first({**base, name: worst.get(name)}, settings)["verdict"] for name in missing}
    return {name: letter for name, letter in alone.items() if letter != now}


def _modifier(patient: Patient, rules: Table, letter: str | None) -> dict[str, Any]:
    when = rules.body["table"].get("modifier", "cardiac_arrest or ohca or arrest_coma")
    holds = logic.answer(when, patient.values)
    says = rules.body["table"].get("modifier_says", "any cardiac arrest (the scheme itself has out-of-hospital arrest as a criterion of E)")
    written = f"{letter}_A" if holds and letter else letter
    return {"arrest": holds, "means": says, "written": written, "missing": [n for n in logic.names(when) if patient.values.get(n) is None]}


def stage_frame(frame: pl.DataFrame, scheme: str = "cswg-2022", parameters: Mapping[str, Any] | None = None, *, ready: bool = False) -> pl.DataFrame:
    """Stage every row. Adds `stage`, `stage_best`, `stage_worst`, `stage_rule`, `stage_support_free`, `stage_missing`; `ready` skips `prepare`."""
    rules = scheme_table(scheme)
    settings, names = rules.settings(parameters), rules.inputs()
    frame = frame if ready else prepare(frame)
    known = columns_of(frame, names)
    low, high = filled_columns(known, worst=False), filled_columns(known, worst=True)
    free = {**low, **{name: pl.lit(0.0) for name in SUPPORT}, **{name: pl.lit(value=False) for name in ESCALATION}}
    out = frame.with_columns(
        rules.first_column(low, settings).alias("_low"), rules.first_column(high, settings).alias("_high"), rules.first_column(free, settings).alias("_free"),
        pl.concat_list([pl.when(expr.is_null()).then(pl.lit(name)) for name, expr in known.items()]).list.drop_nulls().alias("stage_missing"),
    )
    letters = dict(enumerate(rule["verdict"] for rule in rules.body["rule"]))
    rule_ids = dict(enumerate(rule["id"] for rule in rules.body["rule"]))
    nothing = pl.col("stage_missing").list.len() == len(names)
    return out.with_columns(
        pl.when(~nothing).then(pl.col("_low").replace_strict(letters)).alias("stage"),
        pl.col("_low").replace_strict(letters).alias("stage_best"),
        pl.col("_high").replace_strict(letters).alias("stage_worst"),
        pl.when(nothing).then(pl.lit("nothing-known")).otherwise(pl.col("_low").replace_strict(rule_ids)).alias("stage_rule"),
        pl.when(~nothing).then(pl.col("_free").replace_strict(letters)).alias("stage_support_free"),
    ).drop("_low", "_high", "_free")
