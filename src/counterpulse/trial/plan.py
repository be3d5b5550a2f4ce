"""The analysis plan as data: estimands (ICH E9(R1)), analyses, subgroups and multiplicity, read from PLAN.toml.

Knows what a plan may say and refuses the rest; computes nothing. Horizons are days from randomisation.
"""

import hashlib
import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from counterpulse.refusal import RefusalError

POPULATIONS = ("itt", "per_protocol", "as_treated", "safety")
SUMMARIES = {
    "hazard_ratio": "cox",
    "risk_difference": "risk_difference",
    "risk_ratio": "risk_ratio",
    "odds_ratio": "odds_ratio",
    "rmst_difference": "rmst",
    "subdistribution_hazard_ratio": "fine_gray",
    "cumulative_incidence": "gray",
    "win_ratio": "win_ratio",
    "rate_ratio": "rate_ratio",
    "mean_difference": "ancova",
    "location_shift": "wilcoxon",
}
METHODS = (*dict.fromkeys((*SUMMARIES.values(), "log_rank", "chi_square", "fisher", "t_test", "rule_test")),)
ROLES = ("primary", "secondary", "sensitivity", "exploratory")
STRATEGIES = ("treatment_policy", "composite", "hypothetical", "while_on_treatment", "competing", "success", "principal_stratum")
TIES = ("efron", "breslow", "exact")
MULTIPLICITY = ("none", "holm", "hochberg", "bonferroni", "hierarchical")
MISSING = ("complete_case", "multiple_imputation", "as_event", "as_no_event")


class Estimand(NamedTuple):
    """What is estimated: who, which endpoint, until when, in which summary, and what happens to intercurrent events."""

    id: str
    population: str
    endpoint: str
    kinds: tuple[str, ...]
    horizon_d: float | None
    summary: str
    intercurrent: dict[str, str]
    higher_is_better: bool = True


class Planned(NamedTuple):
    """How an estimand is estimated."""

    id: str
    estimand: str
    role: str
    method: str
    ties: str
    interval: str | None
    level: float
    sided: int
    strata: tuple[str, ...] | None
    missing: str
    seed: int
    direction: str = ""


class Subgroup(NamedTuple):
    """A subgroup: a baseline variable, cut points for a number, and which side of a cut is closed."""

    variable: str
    cuts: tuple[float, ...]
    closed: str


class Plan(NamedTuple):
    """A whole plan and the SHA-256 of its file."""

    id: str
    version: str
    protocol_sha256: str
    reference_arm: str
    estimands: dict[str, Estimand]
    analyses: tuple[Planned, ...]
    subgroups: tuple[Subgroup, ...]
    multiplicity: str
    crossover: str
    sha256: str

    @property
    def primary(self) -> Planned:
        """The one primary analysis."""
        return next(entry for entry in self.analyses if entry.role == "primary")


def open_plan(path: Path) -> Plan:
    """Read a plan file. Raises RefusalError with one sentence for anything that it may not say."""
    try:
        data = path.read_bytes()
        raw = tomllib.loads(data.decode("utf-8"))
    except FileNotFoundError:
        raise RefusalError(f"The plan {path} does not exist.") from None
    except IsADirectoryError:
        raise RefusalError(f"The plan {path} is a folder; give the PLAN.toml in it.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise RefusalError(f"The plan {path} is not valid TOML: {problem}.") from None
    return build(raw, hashlib.sha256(data).hexdigest())


def build(raw: dict[str, Any], digest: str) -> Plan:
    """Make a plan from parsed TOML. Raises RefusalError with one sentence that names the entry and the field."""
    head = _of("[plan]", raw.get("plan", {}), dict, "a table")
    for section in ("estimand", "analysis", "subgroup"):
        _of(f"[[{section}]]", raw.get(section, []), list, "a list of tables")
    for key in ("id", "version", "reference_arm"):
        if not head.get(key):
            raise RefusalError(f"[plan] {key} is missing; a plan needs id, version and reference_arm.")
    estimands = {entry.id: entry for entry in map(_estimand, raw.get("estimand", []))}
    analyses = tuple(_analysis(row, estimands) for row in raw.get("analysis", []))
    if not analyses:
        raise RefusalError("The plan names no [[analysis]]; it needs exactly one with role primary.")
    primaries = [entry.id for entry in analyses if entry.role == "primary"]
    if len(primaries) != 1:
        raise RefusalError(f"The plan has {len(primaries)} analyses with role primary; it needs exactly one.")
    if len({entry.id for entry in analyses}) < len(analyses):
        raise RefusalError("Two [[analysis]] entries have the same id; each id is given once.")
    return Plan(
        str(head["id"]),
        str(head["version"]),
        str(head.get("protocol_sha256", "")),
        str(head["reference_arm"]),
        estimands,
        analyses,
        tuple(_subgroup(row) for row in raw.get("subgroup", [])),
        _one_of("[plan] multiplicity", head.get("multiplicity", "none"), MULTIPLICITY),
        str(head.get("crossover_event", "crossover")),
        digest,
    )


def _word(value: Any) -> str:
    return re.sub(r"[\s\-]+", "_", str(value).strip().lower())


def _one_of(what: str, value: Any, allowed: tuple[str, ...]) -> str:
    word = _word(value)
    if word not in allowed:
        raise RefusalError(f"{what} is {value!r}; it must be one of {', '.join(allowed)}.")
    return word


def _of(what: str, value: Any, kind: Any, words: str) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise RefusalError(f"{what} is {value!r}; it must be {words}.")
    return value


def _estimand(row: dict[str, Any]) -> Estimand:
    name = f"Estimand {row.get('id')!r}"
    for key in ("id", "endpoint", "summary"):
        if not row.get(key):
            raise RefusalError(f"{name}: {key} is missing; an estimand needs id, population, endpoint, summary and, for events, horizon_d.")
    horizon = row.get("horizon_d")
    if horizon is not None and not (isinstance(horizon, int | float) and horizon > 0):
        raise RefusalError(f"{name}: horizon_d is {horizon!r} days; it must be a number above 0.")
    endpoint = _of(f"{name}: endpoint", row["endpoint"], str | list, "the name of an event or column, or a list of them")
    strategies = _of(f"{name}: intercurrent", row.get("intercurrent", {}), dict, "a table of event = strategy")
    kinds = tuple(map(str, endpoint)) if isinstance(endpoint, list) else tuple(re.split(r"_or_|\s+or\s+|\s*\+\s*", str(endpoint)))
    population = {"intention_to_treat": "itt", "intent_to_treat": "itt", "pp": "per_protocol"}.get(_word(row.get("population", "itt")))
    return Estimand(
        str(row["id"]),
        population or _one_of(f"{name}: population", row.get("population", "itt"), POPULATIONS),
        (", then " if _word(row["summary"]) == "win_ratio" else " or ").join(kinds) if isinstance(endpoint, list) else str(endpoint),
        kinds,
        None if horizon is None else float(horizon),
        _one_of(f"{name}: summary", row["summary"], tuple(SUMMARIES)),
        {str(k): _one_of(f"{name}: intercurrent {k}", v, STRATEGIES) for k, v in strategies.items()},
        bool(row.get("higher_is_better", True)),
    )


def _analysis(row: dict[str, Any], estimands: dict[str, Estimand]) -> Planned:
    name = f"Analysis {row.get('id')!r}"
    if _of(f"{name}: estimand", row.get("estimand"), str, "the id of an estimand") not in estimands:
        raise RefusalError(f"{name}: estimand is {row.get('estimand')!r}; the plan has {', '.join(estimands) or 'none'}.")
    estimand = estimands[row["estimand"]]
    level, sided = row.get("level", 0.95), row.get("sided", 2)
    if not (isinstance(level, int | float) and 0.5 < level < 1):
        raise RefusalError(f"{name}: level is {level!r}; it must lie between 0.5 and 1, such as 0.95.")
    sides = {2: 2, "two": 2, "two-sided": 2, "2": 2, 1: 1, "one": 1, "one-sided": 1, "1": 1}
    if _of(f"{name}: sided", sided, int | str, "1 or 2") not in sides:
        raise RefusalError(f"{name}: sided is {sided!r}; it must be 1 or 2.")
    direction = _word(row.get("direction", ""))
    if sides[sided] == 1 and direction not in ("lower", "higher"):
        raise RefusalError(f"{name}: sided is 1 and direction is {row.get('direction')!r}; a one-sided test needs direction lower or higher.")
    strata = _of(f"{name}: strata", row.get("strata", []), str | list, "a column or a list of columns") if "strata" in row else None
    missing = _word(row.get("missing", "complete_case"))
    return Planned(
        str(row.get("id", row["estimand"])),
        estimand.id,
        _one_of(f"{name}: role", row.get("role", "exploratory"), ROLES),
        _one_of(f"{name}: method", row.get("method", SUMMARIES[estimand.summary]), METHODS),
        _one_of(f"{name}: ties", row.get("ties", "efron"), TIES),
        _of(f"{name}: interval", row["interval"], str, "the name of an interval") if "interval" in row else None,
        float(level),
        sides[sided],
        None if strata is None else tuple(map(str, [strata] if isinstance(strata, str) else strata)),
        _one_of(f"{name}: missing", missing, MISSING),
        _of(f"{name}: seed", row.get("seed", 0), int, "a whole number"),
        direction,
    )


def _subgroup(row: dict[str, Any]) -> Subgroup:
    cuts = _of(f"Subgroup {row.get('variable')!r}: cuts", row.get("cuts", []), list, "a list of numbers")
    if not row.get("variable"):
        raise RefusalError("A [[subgroup]] has no variable; it needs the name of a baseline column.")
    if not all(isinstance(cut, int | float) for cut in cuts) or list(cuts) != sorted(cuts):
        raise RefusalError(f"Subgroup {row['variable']}: cuts is {cuts!r}; it must be numbers in rising order, or absent for a named level.")
    side = _one_of(f"Subgroup {row['variable']}: closed", row.get("closed", "right"), ("right", "left"))
    return Subgroup(str(row["variable"]), tuple(map(float, cuts)), side)
