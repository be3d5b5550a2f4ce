"""Jeopardy scores on a coronary tree: Duke (Califf 1985) and BCIS-1 (with left main and grafts), and the revascularisation index.

Knows the tree of `data/jeopardy.toml`. A significant stenosis cuts a segment from the one above it; a territory is at risk when no path
without a cut leads from it to an ostium or to a patent graft (so a graft may also fill backwards). Does not know function or viability.
Assumed: a graft enters beyond the stenosis of its own segment; a co-dominant tree is read as right dominant; Duke uses the same limits.
Units: points 0 to 12, stenosis in % of diameter.
"""

from collections.abc import Mapping
from typing import Any

from counterpulse.clinic.table import Verdict, data
from counterpulse.refusal import RefusalError

SOURCES = {"bcis-1-js": ["bcis-1-2010", "de-silva-2013", "califf-1985"], "duke": ["califf-1985"]}


def tree(dominance: str) -> dict[str, str]:
    """Every segment and the one above it. Raises RefusalError for a dominance other than right, left or co."""
    if dominance not in ("right", "left", "co"):
        raise RefusalError(f"dominance is {dominance!r}; it must be right, left or co.")
    body = data("jeopardy")
    return {**body["segment"], **(body["left_dominant"] if dominance == "left" else {})}


def _stenoses(raw: Mapping[str, Any], key: str, unknown: float) -> dict[str, float]:
    found: dict[str, float] = {}
    for item in raw.get(key, []):
        segment = str(item.get("segment")) if isinstance(item, Mapping) else ""
        if segment not in data("jeopardy")["segment"]:
            raise RefusalError(f"The segment {segment!r} is not in the tree; it has {', '.join(data('jeopardy')['segment'])}.")
        value = item.get("stenosis_pct", 0.0 if key == "grafts" else None)
        value = unknown if value is None else value
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
            raise RefusalError(f"stenosis_pct of {segment} is {value!r} %; it must lie in 0 to 100 %.")
        found[segment] = max(found.get(segment, 0.0), float(value)) if key == "lesions" else min(found.get(segment, 100.0), float(value))
    return found


def at_risk(raw: Mapping[str, Any], scheme: str, unknown: float = 0.0) -> list[str]:
    """Territories at risk; a stenosis that is not known counts as `unknown` %."""
    limits = {name: item["value"] for name, item in data("jeopardy")["parameters"].items()}
    above = tree(str(raw.get("dominance", "right")))
    cut = {
        segment
        for segment, stenosis in _stenoses(raw, "lesions", unknown).items()
        if stenosis >= (limits["left_main_pct"] if segment == "left-main" else limits["stenosis_pct"])
    }
    grafts = {} if scheme == "duke" else _stenoses(raw, "grafts", unknown)
    fed = {segment for segment, stenosis in grafts.items() if stenosis < limits["graft_pct"]}
    fed |= {segment for segment, parent in above.items() if not parent and segment not in cut}
    grown = True
    while grown:
        wider = fed | {child for child, parent in above.items() if child not in cut and parent in fed}
        wider |= {above[child] for child in wider if above[child] and child not in cut}
        grown, fed = wider != fed, wider
    return [name for name in data("jeopardy")["territory"] if name not in fed]


def jeopardy(raw: Mapping[str, Any], scheme: str = "bcis-1-js") -> Verdict:
    """The score of one angiogram: `dominance`, `lesions` and `grafts` (segment, stenosis_pct); `after` gives the same after revascularisation."""
    _known_keys(raw)
    each = data("jeopardy")["parameters"]["points_each"]["value"]
    best, worst = (each * len(at_risk(raw, scheme, unknown)) for unknown in (0.0, 100.0))
    missing = [f"stenosis of {item['segment']}" for item in raw.get("lesions", []) if item.get("stenosis_pct") is None]
    if "lesions" not in raw:
        missing.append("lesions")
        worst = each * len(data("jeopardy")["territory"])
    verdict = best if best == worst else None
    more: dict[str, Any] = {"score": scheme, "at_risk": at_risk(raw, scheme), "of": 12.0, "dominance": raw.get("dominance", "right")}
    notes = ["Construction from memory of Duke 1985 and its BCIS modification; no table of it could be read here.", "Grafts are ignored by the Duke score."]
    if isinstance(raw.get("after"), Mapping) and verdict:
        after = each * len(at_risk({"dominance": raw.get("dominance", "right"), **raw["after"]}, scheme))
        more |= {"after": after, "revascularisation_index": (verdict - after) / verdict}
    return Verdict(verdict, f"{scheme}: 2 points for each of six territories at risk", missing, best, worst, SOURCES[scheme], notes, more)


def _known_keys(raw: Mapping[str, Any]) -> None:
    for key in raw:
        if key not in ("dominance", "lesions", "grafts", "after", "id", "label"):
            raise RefusalError(f"The input {key!r} is not part of an angiogram; it takes dominance, lesions, grafts and after.")
