"""Published effects of the pump as data: what was seen in whom, and when a simulated number counts as a hit. Knows files; runs nothing.

The form of a file stands at the head of effects/published.toml. Percent, mmHg, L/min as the row says.
"""

import math
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scipy.special import stdtrit

from counterpulse.cohort.baselines import Baseline, baselines
from counterpulse.refusal import RefusalError

PACKAGED = Path(__file__).parent / "effects" / "published.toml"
KINDS = ("mean", "none", "sign", "order")
MEASURES = ("percent", "difference", "value", "over_dbp", "effect_share", "effect_percent", "effect_ratio", "difference_of_effects", "order", "correlation")
WITHOUT_INTERVAL = 0.30  # of the mean, where a paper gives no interval
LEAST_CHANGE = 0.5  # a sign needs at least this much: percent, or units of the row (assumed)
NEAR = 2.0  # within so many half-widths is near


@dataclass(frozen=True)
class Arm:
    """What is simulated: settings of the console, fields of the patient, the catheter."""

    setting: dict[str, float] = field(default_factory=dict)
    patient: dict[str, Any] = field(default_factory=dict)
    catheter: str | None = None
    baseline: Baseline | None = None  # the state that the paper prints before the pump
    acute_s: float = 0.0  # seconds from the first inflation on that were compared; 0: once all has settled


@dataclass(frozen=True)
class Effect:
    """One published row. `low`, `high`: where a hit lies; for a sign one of them is infinite."""

    id: str
    source: str
    certainty: str
    population: str
    presets: tuple[str, ...]
    n: int | None
    quantity: str
    measure: str
    kind: str
    mean: float | None
    low: float
    high: float
    interval: str  # where the interval comes from
    arm: Arm
    versus: Arm | None
    steps: tuple[dict[str, float], ...]
    cases: tuple[Arm, ...]  # where one number sums up several protocols: each is run, and their mean is judged
    scale: float
    beside: str  # what a correlation sets the quantity beside
    not_modelled: str
    text: str
    why: str  # why it is not hit, where it was not when the row was last looked at


def read_effects(path: Path | None = None) -> list[Effect]:
    """Every effect of a file (default: the packaged one). Raises RefusalError for a file or row that does not fit."""
    place = path or PACKAGED
    try:
        document = tomllib.loads(place.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RefusalError(f"{place} cannot be read as a file of effects: {error}.") from None
    document["baselines"] = baselines(document, place.name)
    rows = document.get("effect")
    if not isinstance(rows, list) or not rows:
        raise RefusalError(f"{place} has no [[effect]] row.")
    found = [effect_of(row, document, f"{place.name}, effect {k + 1}") for k, row in enumerate(rows)]
    names = [one.id for one in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise RefusalError(f"{place.name} names the effect {twice[0]!r} twice; every id must be its own.")
    return found


def effect_of(row: Any, document: dict[str, Any], where: str) -> Effect:
    """One row with its source and population looked up."""
    for key in ("id", "source", "population", "quantity", "measure", "kind"):
        if not isinstance(row.get(key), str):
            raise RefusalError(f"{where}: {key} is {row.get(key)!r}; it must be a word.")
    choose(row["kind"], KINDS, f"{where}: kind")
    choose(row["measure"], MEASURES, f"{where}: measure")
    source = document.get("sources", {}).get(row["source"])
    population = document.get("populations", {}).get(row["population"])
    if source is None or population is None:
        missing = "source" if source is None else "population"
        raise RefusalError(f"{where}: {missing} {row[missing]!r} does not stand under [{missing}s].")
    low, high, basis = limits(row, where)
    baseline = named_baseline(row, document, where)
    versus = row.get("versus")
    cases = tuple(arm_of(row | case, named_baseline(row | case, document, where)) for case in row.get("cases", ()))
    return Effect(
        row["id"], source["name"], source["certainty"], population["name"], tuple(population["presets"]), row.get("n"), row["quantity"], row["measure"],
        row["kind"], row.get("mean"), low, high, basis, arm_of(row, baseline),
        None if versus is None else arm_of({"patient": row.get("patient", {}), **versus}, baseline),
        tuple(row.get("steps", ())), cases, float(row.get("scale", 1.0)), row.get("beside", ""), row.get("not_modelled", ""), row.get("text", ""),
        row.get("why", ""),
    )  # fmt: skip


def named_baseline(row: dict[str, Any], document: dict[str, Any], where: str) -> Baseline | None:
    """The printed state that a row names. Raises RefusalError where the file has none of that name."""
    baseline = document["baselines"].get(row.get("baseline"))
    if row.get("baseline") and baseline is None:
        raise RefusalError(f"{where}: baseline {row['baseline']!r} does not stand under [baselines].")
    return baseline


def arm_of(row: dict[str, Any], baseline: Baseline | None) -> Arm:
    """The arm that a row describes."""
    return Arm(dict(row.get("setting", {})), dict(row.get("patient", {})), row.get("catheter"), baseline, float(row.get("acute_s", 0.0)))


def choose(value: str, allowed: tuple[str, ...], where: str) -> None:
    """Raise RefusalError for a word that is not allowed."""
    if value not in allowed:
        raise RefusalError(f"{where} is {value!r}; it must be one of {', '.join(allowed)}.")


def limits(row: dict[str, Any], where: str) -> tuple[float, float, str]:
    """Where a hit lies, and by what rule."""
    if row["kind"] == "order":
        return LEAST_CHANGE, math.inf, "each step more than the last"
    mean, given = row.get("mean"), row.get("interval")
    if given is not None:
        if len(given) != 2 or not given[0] < given[1]:
            raise RefusalError(f"{where}: interval is {given!r}; it must be two numbers, the lower first.")
        return float(given[0]), float(given[1]), "given"
    seen = row.get("no_change_beside")
    if row["kind"] == "none" and seen is not None:  # as much as so many patients cannot tell from nothing, by the error that the paper's own effect has
        half, basis = half_width(row | seen, seen["mean"])
        return -half, half, f"what the paper's own test leaves open ({basis})"
    if mean is None:
        raise RefusalError(f"{where}: a row of kind {row['kind']} needs a mean or an interval.")
    if row["kind"] == "sign":
        return (LEAST_CHANGE, math.inf, "sign") if mean > 0 else (-math.inf, -LEAST_CHANGE, "sign")
    half, basis = half_width(row, mean)
    return mean - half, mean + half, basis


def half_width(row: dict[str, Any], mean: float) -> tuple[float, str]:
    """Half of a mean's interval: from its SD, from an exact p of a paired t test (mean over the t that gives p is its error), else a share of it."""
    if row.get("sd") is not None and row.get("n"):
        return 1.96 * row["sd"] / math.sqrt(row["n"]), "95 % of the mean"
    if row.get("p") is not None and row.get("n"):
        free = row["n"] - 1
        return abs(mean) * float(stdtrit(free, 0.975) / stdtrit(free, 1.0 - 0.5 * row["p"])), f"95 % of the mean, from p = {row['p']:g}"
    return WITHOUT_INTERVAL * abs(mean), "30 % of the mean"


def judge(effect: Effect, simulated: float | None) -> tuple[str, float | None]:
    """`hit`, `near` or `miss`, and the distance from the nearest limit in half-widths (0 inside); None where nothing could be simulated."""
    if simulated is None or not math.isfinite(simulated):
        return "miss", None
    if effect.low <= simulated <= effect.high and right_sign(effect, simulated):
        return "hit", 0.0
    finite = math.isfinite(effect.low) and math.isfinite(effect.high)
    half = 0.5 * (effect.high - effect.low) if finite else LEAST_CHANGE
    distance = max(effect.low - simulated, simulated - effect.high, 0.0) / half
    near = finite and distance <= NEAR - 1.0 and right_sign(effect, simulated)
    return ("near" if near else "miss"), distance


def right_sign(effect: Effect, simulated: float) -> bool:
    """A mean away from zero must have its sign."""
    return effect.kind != "mean" or effect.mean is None or simulated * effect.mean > 0.0
