"""Who may be treated or enrolled: indications and contraindications of the pump, and the criteria of published trials and policies, as data.

Knows three-valued criteria: an inclusion must hold, an exclusion must not, and what is not known leaves the verdict open. A contraindication
that sources dispute is shown with both sides. Does not know a patient's wishes. Units: in every name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from counterpulse.clinic import logic
from counterpulse.clinic.frame import prepare
from counterpulse.clinic.patient import Patient
from counterpulse.clinic.staging import stage, stage_frame
from counterpulse.clinic.table import Verdict, columns_of, table
from counterpulse.refusal import RefusalError

PROTOCOLS = ("iabp", "altshock-2", "altshock-2-original", "bcis-1", "iabp-shock-ii", "crisp-ami", "vant-hof", "optn-2018", "optn-2023")
LETTERS = "ABCDE"


@dataclass(frozen=True)
class Judged:
    """One criterion of a protocol with its answer: True, False, or None when not known."""

    body: Mapping[str, Any]
    holds: bool | None
    missing: list[str]


def _rules(protocol: str) -> Any:
    if protocol not in PROTOCOLS:
        raise RefusalError(f"The protocol {protocol!r} is not known; known are {', '.join(PROTOCOLS)}.")
    return table(f"protocol-{protocol}")


def _stage_in_range(patient: Patient, wanted: Mapping[str, str]) -> tuple[bool | None, list[str]]:
    found = stage(patient, wanted["scheme"])
    low, high = wanted["from"], wanted["to"]
    inside = [low <= letter <= high for letter in LETTERS[LETTERS.index(found.best) : LETTERS.index(found.worst) + 1]]
    return (True if all(inside) else None if any(inside) else False), (found.missing if len(set(inside)) > 1 else [])


def _judge(patient: Patient, protocol: str, parameters: Mapping[str, Any] | None, *, absent: bool) -> list[Judged]:
    rules = _rules(protocol)
    known = {**rules.settings(parameters), **patient.values}
    stage_missing: list[str] = []
    if wanted := rules.body["table"].get("stage"):
        known["stage_in_range"], stage_missing = _stage_in_range(patient, wanted)
    judged = []
    for body in rules.body["criterion"]:
        holds = logic.answer(body["when"], known)
        if holds is None and absent and body["kind"] not in ("inclusion", "indication"):
            holds = False
        lacking = [n for n in logic.names(body["when"]) if known.get(n) is None and n != "stage_in_range"] if holds is None else []
        judged.append(Judged(body, holds, lacking + (stage_missing if "stage_in_range" in body["when"] else [])))
    return judged


def eligible(patient: Patient, protocol: str = "iabp", parameters: Mapping[str, Any] | None = None, *, absent: bool = False) -> Verdict:
    """Judge one patient against one protocol. `absent` declares that every condition not mentioned is absent; the result says so."""
    head = _rules(protocol).body["table"]
    judged = _judge(patient, protocol, parameters, absent=absent)
    decide = _device_verdict if head["kind"] == "device" else _trial_verdict
    verdict = decide([(item.body["kind"], item.holds) for item in judged])
    best, worst = (decide([(item.body["kind"], _filled(item, good)) for item in judged]) for good in (True, False))
    notes = [*patient.notes, *head["notes"]]
    if absent:
        notes.append("Every exclusion that was not mentioned was declared absent; this is an assumption.")
    more = {
        "protocol": protocol,
        "title": head["title"],
        "reasons": [_reason(item) for item in judged if _speaks(item)],
        "open": [_reason(item) for item in judged if item.holds is None], "criteria": {item.body["id"]: item.holds for item in judged},
        "assumed": {item.body["id"]: item.body["assumed"] for item in judged if "assumed" in item.body}, "derived": patient.derived,
        "disputed": {item.body["id"]: item.body["conflict"] for item in judged if "conflict" in item.body and item.holds is not False},
    }
    missing = list(dict.fromkeys(name for item in judged for name in item.missing))
    return Verdict(verdict, head["title"], missing, best, worst, [*head["sources"], *(item.body["source"] for item in judged)], notes, more)


def _speaks(item: Judged) -> bool:
    """Whether a criterion is a reason for the verdict: a failed inclusion, or anything else that holds."""
    return item.holds is False if item.body["kind"] == "inclusion" else item.holds is True


def _reason(item: Judged) -> dict[str, Any]:
    shown = ("id", "kind", "says", "source", "certainty", "statement", "conflict")
    return {key: item.body[key] for key in shown if key in item.body} | {"missing": item.missing}


def _filled(item: Judged, good: bool) -> bool:
    if item.holds is not None:
        return item.holds
    return good if item.body["kind"] in ("inclusion", "indication") else not good


def _trial_verdict(parts: list[tuple[str, bool | None]]) -> str:
    bad = [holds is False if kind == "inclusion" else holds is True for kind, holds in parts]
    if any(bad):
        return "not eligible"
    return "undetermined" if any(holds is None for _, holds in parts) else "eligible"


ORDER = (("absolute", "contraindicated"), ("disputed", "disputed contraindication"), ("relative", "relative contraindication"))


def _device_verdict(parts: list[tuple[str, bool | None]]) -> str:
    answers: dict[str, list[bool | None]] = {}
    for kind, holds in parts:
        answers.setdefault(kind, []).append(holds)
    for kind, word in ORDER:
        if True in answers[kind]:
            return word
        if None in answers[kind]:
            return "undetermined"
    if True in answers["indication"]:
        return "indicated"
    if True in answers["not-recommended"]:
        return "not recommended"
    return "undetermined" if None in answers["indication"] or None in answers["not-recommended"] else "no indication"


def eligible_frame(
    frame: pl.DataFrame, protocol: str = "altshock-2", parameters: Mapping[str, Any] | None = None, *, ready: bool = False,
) -> pl.DataFrame:
    """Judge every row. Adds `eligible` (the verdict), `eligible_reasons` and `eligible_open` (criterion ids)."""
    rules = _rules(protocol)
    frame = frame if ready else prepare(frame)
    settings = rules.settings(parameters)
    names = tuple(dict.fromkeys(n for body in rules.body["criterion"] for n in logic.names(body["when"]) if n not in settings and n != "stage_in_range"))
    known = {**{name: pl.lit(value) for name, value in settings.items()}, **columns_of(frame, names)}
    if wanted := rules.body["table"].get("stage"):
        staged = {"stage_best", "stage_worst"} <= set(frame.columns)
        frame = frame if staged and ready else stage_frame(frame, wanted["scheme"], ready=True)
        known["stage_in_range"] = _range_column(wanted)
    kinds = [body["kind"] for body in rules.body["criterion"]]
    frame = frame.with_columns(logic.column(body["when"], known).alias(f"_c{i}") for i, body in enumerate(rules.body["criterion"]))
    ids = [body["id"] for body in rules.body["criterion"]]
    against = [pl.col(f"_c{i}") == (kind != "inclusion") for i, kind in enumerate(kinds)]
    reasons = pl.concat_list([pl.when(bad).then(pl.lit(name)) for bad, name in zip(against, ids, strict=True)]).list.drop_nulls()
    open_ = pl.concat_list([pl.when(pl.col(f"_c{i}").is_null()).then(pl.lit(name)) for i, name in enumerate(ids)]).list.drop_nulls()
    verdict = (_device_column if rules.body["table"]["kind"] == "device" else _trial_column)(kinds)
    out = frame.with_columns(verdict.alias("eligible"), reasons.alias("eligible_reasons"), open_.alias("eligible_open"))
    return out.drop(f"_c{i}" for i in range(len(ids)))


def _range_column(wanted: Mapping[str, str]) -> pl.Expr:
    low, high = pl.col("stage_best"), pl.col("stage_worst")
    inside = (low >= wanted["from"]) & (high <= wanted["to"])
    outside = (high < wanted["from"]) | (low > wanted["to"])
    return pl.when(inside).then(statement=True).when(outside).then(statement=False)


def _trial_column(kinds: list[str]) -> pl.Expr:
    bad = pl.any_horizontal([(pl.col(f"_c{i}") == (kind != "inclusion")).fill_null(value=False) for i, kind in enumerate(kinds)])
    unknown = pl.any_horizontal([pl.col(f"_c{i}").is_null() for i in range(len(kinds))])
    return pl.when(bad).then(pl.lit("not eligible")).when(unknown).then(pl.lit("undetermined")).otherwise(pl.lit("eligible"))


def _device_column(kinds: list[str]) -> pl.Expr:
    def any_of(kind: str) -> pl.Expr:
        return pl.any_horizontal([pl.col(f"_c{i}") for i, mine in enumerate(kinds) if mine == kind])

    word: Any = pl
    for kind, says in ORDER:
        held = any_of(kind)
        word = word.when(held.fill_null(value=False)).then(pl.lit(says)).when(held.is_null()).then(pl.lit("undetermined"))
    for kind, says in (("indication", "indicated"), ("not-recommended", "not recommended")):
        word = word.when(any_of(kind).fill_null(value=False)).then(pl.lit(says))
    unknown = any_of("indication").is_null() | any_of("not-recommended").is_null()
    return word.when(unknown).then(pl.lit("undetermined")).otherwise(pl.lit("no indication"))
