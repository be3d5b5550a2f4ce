"""Verdicts in sentences for a terminal. Knows the keys of a result; does not know a rule."""

from collections.abc import Mapping
from typing import Any


def sentences(result: Mapping[str, Any]) -> list[str]:
    """One result as lines: verdict first, then why, what is missing, what is disputed, what it rests on."""
    if "statements" in result:
        return _answer(result)
    lines = [f"{_word(result['verdict'])}  ({result['rule']})"]
    lines += [f"  {result[key]}" for key in ("says", "title") if result.get(key)]
    if result["best"] != result["worst"]:
        lines.append(f"  best {_word(result['best'])}, worst {_word(result['worst'])}")
    lines += [f"  missing: {', '.join(result['missing'])}"] if result["missing"] else []
    lines += [f"  {name}: {value}" for name, value in result.get("items", {}).items()]
    lines += [f"  {goal['state']:8} {goal['says']}" for goal in result.get("goals", {}).values()]
    lines += [f"  {item['says']}" for item in result.get("escalation", {}).get("advice", [])]
    lines += [f"  because: {item['says']} ({item['source']})" for item in result.get("reasons", [])]
    lines += [f"  disputed: {' / '.join(item['conflict'])}" for item in result.get("reasons", []) if "conflict" in item]
    lines += [f"  {name} = {item['value']:.4g} {item['unit']}  [{item['certainty']}]" for name, item in result.get("numbers", {}).items()]
    lines += [f"  note: {note}" for note in result["notes"]]
    assumed = result.get("assumed", {})
    lines += [f"  assumed: {text}" for text in (assumed.values() if isinstance(assumed, Mapping) else assumed)]
    return lines + _sources(result["sources"])


def _word(value: Any) -> str:
    return "undetermined" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _sources(items: list[Mapping[str, Any]]) -> list[str]:
    return [f"  source: {item['cite']} [read: {item['read']}]" for item in items]


def _answer(result: Mapping[str, Any]) -> list[str]:
    lines = [str(result["answer"])]
    for number, item in enumerate(result["statements"], 1):
        expired = ", EXPIRED" if item["expired"] else ""
        lines.append(f"  [{number}] {item['title']}: {item['text']}")
        lines.append(f"      {item['id']}, version {item['version']}, {item['status']}{expired}, valid to {item['expires']}")
        lines.append(f"      certainty {item['certainty']}; population: {item['population']}")
        lines += [f"      {source['cite']} [read: {source['read']}]" for source in item["sources"]]
    return lines + [f"  note: {note}" for note in result["notes"]]


def shares(found: Mapping[str, Any]) -> list[str]:
    """The published stage table beside the rule's bounds, as lines."""
    lines = [str(found["title"]), ""]
    for arm in found["arms"]:
        printed = "  ".join(f"{letter} {arm['printed_pct'][letter]:5.1f}" for letter in "ABCDE")
        lines.append(f"{arm['arm']:14} n = {arm['n']}   printed %:            {printed}")
        for item in arm["readings"]:
            ends = "  ".join(f"{letter} {100 * low:.0f}-{100 * high:.0f}" for letter, (low, high) in item["allowed"].items()) or "no distribution fits"
            lines.append(f"{'':14} {item['reading']:14} allowed %: {ends}")
    lines += ["", "Readings:", *dict.fromkeys(f"  {item['reading']}: {item['says']}" for arm in found["arms"] for item in arm["readings"])]
    lines += ["", "Contradictions:", *(f"  {text}" for text in found["contradictions"])]
    return [*lines, "", "Assumed:", *(f"  {text}" for text in found["assumed"])]
