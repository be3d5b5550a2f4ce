"""The sample-size statement: which formula, correction and interim boundary give the printed number.

Formulas: pooled and unpooled normal, arcsine, continuity-corrected (Casagrande, Pike and Smith 1978, Biometrics 34:483), each times the
inflation of a group-sequential boundary where looks are planned (O'Brien and Fleming 1979; Pocock 1977; equally spaced looks, computed here).
A number rounded up to the next ten is accepted; drop-out is divided out when stated. Units: participants per group.
"""

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from scipy.special import ndtr, ndtri

from counterpulse.evidence.paper import Paper, Row, by_arm, whole_number
from counterpulse.evidence.printed import number
from counterpulse.evidence.verdict import INCONSISTENT, NOT_CHECKABLE, NOTE, REPRODUCED, Finding, Item
from counterpulse.stats.distributions import root

NODES, WEIGHTS = np.polynomial.legendre.leggauss(64)
BELOW = 0.98  # a number a little under the least formula is rounding of the statement, not an error


def check(paper: Paper) -> Iterator[Item | Finding]:
    """One item per sample-size claim. Yields items and findings."""
    for claim in paper.claimed("sample_size"):
        rates = [number(text).value for text in by_arm(paper, claim, "rates").values()]
        sizes = [whole_number(n, f"{claim.id}: n") for n in by_arm(paper, claim, "n").values()]
        alpha, power = (number(claim.get(key, "0")).value for key in ("alpha", "power"))
        if len(rates) != 2 or not sizes or not (0 < alpha < 1 and 0 < power < 1) or rates[0] == rates[1] or not all(0 < p < 1 for p in rates):
            yield Item(claim.id, "sample_size", "", "", NOT_CHECKABLE, "", "two different rates, alpha, power and n are needed")
            continue
        yield from _judge(claim, rates, sizes, (alpha, power))


def _judge(claim: Row, rates: list[float], sizes: list[int], design: tuple[float, float]) -> Iterator[Item | Finding]:
    alpha, power = design
    sided, looks = whole_number(claim.get("sided", 2), f"{claim.id}: sided", 2) or 2, whole_number(claim.get("looks", 0), f"{claim.id}: looks", 20)
    ways = per_group(rates, (alpha / sided, power), looks)
    kept = 1 - number(claim.get("dropout", "0")).value
    printed = min(sizes)
    fits = [name for name, n in ways.items() if n <= printed * kept + 1e-9 and printed <= max(10 * math.ceil(n / kept / 10), math.ceil(n / kept))]
    least, most = min(ways.values()) / kept, max(ways.values()) / kept
    listed = ", ".join(f"{name} {n / kept:.1f}" for name, n in ways.items())
    sum_ = f"{rates[0]:g} v {rates[1]:g}, alpha {alpha:g} ({sided}-sided), power {power:g}: per group {listed}"
    text = f"{printed} per group"
    if fits:
        yield Item(claim.id, "sample_size", text, shown_range(least, most), REPRODUCED, fits[0], sum_)
        if len(ways) > 4 or len(fits) > 1:
            sentence = f"{printed} per group fits {len(fits)} ways of {len(ways)}; the paper does not say which was used."
            yield Finding(f"{claim.id}/method", NOTE, sentence, f"fits: {', '.join(fits)}")
        return
    few = printed < least * BELOW
    between = not few and printed <= most
    sentence = "" if between else f"{printed} per group is {'fewer' if few else 'more'} than any usual formula gives ({least:.0f} to {most:.0f})."
    verdict = REPRODUCED if between else INCONSISTENT
    yield Item(claim.id, "sample_size", text, shown_range(least, most), verdict, "between formulas" if between else "formulas", sum_, sentence)


def shown_range(low: float, high: float) -> str:
    """Two numbers of participants."""
    return f"{math.ceil(low)} to {math.ceil(high)}"


def per_group(rates: list[float], design: tuple[float, float], looks: int) -> dict[str, float]:
    """Participants per group by every formula; `design` is (one-sided alpha, power)."""
    p1, p0 = rates
    alpha, power = design
    za, zb = float(-ndtri(alpha)), float(ndtri(power))
    gap, mean = abs(p1 - p0), (p1 + p0) / 2
    spread = math.sqrt(p1 * (1 - p1) + p0 * (1 - p0))
    pooled = ((za * math.sqrt(2 * mean * (1 - mean)) + zb * spread) / gap) ** 2
    fixed = {
        "unpooled": ((za + zb) * spread / gap) ** 2,
        "pooled": pooled,
        "arcsine": 0.5 * ((za + zb) / (math.asin(math.sqrt(p1)) - math.asin(math.sqrt(p0)))) ** 2,
        "pooled with continuity correction": pooled / 4 * (1 + math.sqrt(1 + 4 / (pooled * gap))) ** 2,
    }
    made = dict(fixed)
    for name, power_of_time in (("O'Brien-Fleming", 0.5), ("Pocock", 0.0)) if looks > 0 else ():
        factor = inflation(looks + 1, power_of_time, 2 * alpha, power)
        made |= {f"{way} x {name}": n * factor for way, n in fixed.items() if way.startswith("pooled")}
    return made


@lru_cache(maxsize=64)
def inflation(stages: int, shape: float, alpha: float, power: float) -> float:
    """How much larger a trial with `stages` equally spaced analyses is; boundary c * (stages / k) ** shape, `alpha` two-sided."""
    times = np.arange(1, stages + 1) / stages
    c = root(lambda c: _crossed(times, c * times**-shape, 0.0) - alpha, 1.0, 6.0)
    drift = root(lambda theta: _crossed(times, c * times**-shape, theta) - power, 0.5, 8.0)
    return (drift / float(ndtri(1 - alpha / 2) + ndtri(power))) ** 2


def _crossed(times: np.ndarray, bounds: np.ndarray, drift: float) -> float:
    """Probability that |z| crosses its bound at some analysis, by stepping the density of the score between the bounds (Gauss-Legendre)."""
    held, mass, out, before = np.zeros(1), np.ones(1), 0.0, 0.0
    for time, bound in zip(times, bounds, strict=True):
        edge, sd = bound * math.sqrt(time), math.sqrt(time - before)
        far = held + drift * (time - before)
        out += float((mass * (ndtr((-edge - far) / sd) + ndtr((far - edge) / sd))).sum())
        inside = edge * NODES
        density = (mass * np.exp(-0.5 * ((inside[:, None] - far) / sd) ** 2)).sum(1) / (sd * math.sqrt(2 * math.pi))
        held, mass, before = inside, density * edge * WEIGHTS, time
    return out
