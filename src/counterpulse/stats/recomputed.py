"""Every estimator on every generated set, in the order of numbers that the reference scripts write. Knows no reference number.

Names are those of the reference files; `RECOMPUTED[name](number)` gives the numbers of one set, None where there is none.
"""

import math
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Any

import numpy as np

from counterpulse.stats import binary, continuous, reference_sets
from counterpulse.stats.competing import aalen_johansen, fine_gray, gray
from counterpulse.stats.cox import CoxFit, cox
from counterpulse.stats.hierarchical import TimeLevel, ValueLevel, win_ratio
from counterpulse.stats.kaplan_meier import KaplanMeier, follow_up, kaplan_meier
from counterpulse.stats.logrank import log_rank
from counterpulse.stats.proportionality import cox_zph
from counterpulse.stats.rates import rate, rate_difference, rate_ratio
from counterpulse.stats.reference_sets import Rows
from counterpulse.stats.restricted import rmst, rmst_difference
from counterpulse.stats.times import Survival

Numbers = list[float | None]
RECOMPUTED: dict[str, Callable[[int], Iterable[Any]]] = {}
WITH = {"entry": ("entry",), "strata": ("strata",), "robust": ("cluster", "weights"), "robust.entry": ("cluster", "weights", "entry")}
FIELD = {"entry": "entry", "strata": "stratum", "cluster": "cluster", "weights": "weight"}


@lru_cache(maxsize=8)
def rows(number: int) -> Rows:
    """Rows of one generated set."""
    return reference_sets.rows(number)


def recompute(name: str, number: int) -> Numbers:
    """Numbers of one function on one set; NaN and infinity become None."""
    return [float(value) if value is not None and math.isfinite(value) else None for value in RECOMPUTED[name](number)]


def follow(number: int, parts: tuple[str, ...] = (), event: Any = None) -> Survival:
    """The set as `Survival`, with the named extra columns."""
    d = rows(number)
    extra = {part: getattr(d, FIELD[part]) for part in parts}
    return Survival(d.time, (d.event > 0).astype(float) if event is None else event, **extra)


def three(number: int) -> list[float]:
    """The times by which 20, 50 and 80 % of all rows have ended (R's quantile type 1)."""
    time = np.sort(rows(number).time)
    return [float(time[math.ceil(share * len(time) - 1e-9 * len(time)) - 1]) for share in (0.2, 0.5, 0.8)]


def _curve(scale: str, parts: tuple[str, ...], number: int) -> Iterable[Any]:
    fit = kaplan_meier(follow(number, parts), interval=scale)
    places = [int(np.searchsorted(fit.time, when, side="right")) - 1 for when in three(number)]
    columns = [getattr(fit, name)[places] for name in ("survival", "std_err", "lower", "upper")]
    return [*np.concatenate(columns), fit.median, fit.median_lower, fit.median_upper]


def _limits(scale: str, number: int) -> Iterable[Any]:
    fit: KaplanMeier = kaplan_meier(follow(number), interval=scale)
    return fit.at(three(number)[1])[1:]


def _follow_up(number: int) -> Iterable[Any]:
    found = follow_up(follow(number))
    return found.q1, found.median, found.q3, found.lower, found.upper


def _rmst(number: int) -> Iterable[Any]:
    found = rmst(follow(number), three(number)[2])
    return found.estimate, found.std_err


def _rmst_difference(number: int) -> Iterable[Any]:
    d = rows(number)
    found = rmst_difference(follow(number), d.x2, min(d.time[d.x2 == g].max() for g in (0, 1)))
    return found.estimate, found.std_err


def _log_rank(made: dict[str, Any], parts: tuple[str, ...], number: int) -> Iterable[Any]:
    return [log_rank(follow(number, parts), rows(number).x2, **made).statistic]


def _log_rank_plain(number: int) -> Iterable[Any]:
    found = log_rank(follow(number), rows(number).x2)
    return [found.statistic, *found.observed, *found.expected]


def _covariates(number: int) -> Any:
    return np.column_stack([rows(number).x1, rows(number).x2])


def _fitted(fit: CoxFit) -> Numbers:
    known = fit.converged
    numbers = [*fit.coefficients, *fit.std_err] if known else [None] * 4
    return [*numbers, fit.loglik[0], fit.loglik[1] if known else fit.likelihood_ratio[0], fit.score[0], fit.wald[0] if known else None]


def _cox(ties: str, parts: tuple[str, ...], number: int) -> Iterable[Any]:
    return _fitted(cox(follow(number, parts), _covariates(number), ties=ties))


def _robust(ties: str, parts: tuple[str, ...], number: int) -> Iterable[Any]:
    fit = cox(follow(number, parts), _covariates(number), ties=ties)
    return [*fit.coefficients, *fit.std_err, *fit.naive_std_err] if fit.converged and fit.naive_std_err is not None else [None] * 6


def _zph(transform: str, parts: tuple[str, ...], number: int) -> Iterable[Any]:
    fit = cox(follow(number, parts), _covariates(number))
    if not fit.converged:
        return [None] * 3
    found = cox_zph(fit, transform=transform)
    return [*found.statistic, found.whole[0]]


def _incidence(cause: int, variance: str, number: int) -> Iterable[Any]:
    found = aalen_johansen(follow(number, event=rows(number).event), cause, variance=variance)
    places = [int(np.searchsorted(found.time, when, side="right")) - 1 for when in three(number)]
    zero = {"incidence": 0.0, "std_err": 0.0, "lower": None, "upper": None}
    part = {name: [getattr(found, name)[k] if k >= 0 else start for k in places] for name, start in zero.items()}
    if variance == "aalen":
        return [*part["incidence"], *(value * value for value in part["std_err"])]
    for name in ("lower", "upper"):
        part[name] = [value if share > 0 else None for value, share in zip(part[name], part["incidence"], strict=True)]
    return [*part["incidence"], *part["std_err"], *part["lower"], *part["upper"]]


def _gray(cause: int, rho: float, parts: tuple[str, ...], number: int) -> Iterable[Any]:
    d = rows(number)
    return [gray(follow(number, parts, d.event), d.x2, cause, rho=rho).statistic]


def _fine_gray(cause: int, number: int) -> Iterable[Any]:
    fit = fine_gray(follow(number, event=rows(number).event), _covariates(number), cause)
    return _fitted(fit)[:6] if fit.converged else [*_fitted(fit)[:5], None]


def _person_time(number: int) -> tuple[float, float, float, float]:
    d = rows(number)
    one, zero = d.x2 == 1, d.x2 == 0
    return float((d.event[one] > 0).sum()), float(d.time[one].sum()), float((d.event[zero] > 0).sum()), float(d.time[zero].sum())


def _rate(number: int) -> Iterable[Any]:
    d = rows(number)
    found = rate(int((d.event > 0).sum()), float(d.time.sum()))
    return found.estimate, found.lower, found.upper


def _rate_ratio(interval: str, number: int) -> Iterable[Any]:
    found = rate_ratio(_person_time(number), interval=interval)
    return (found.estimate, found.lower, found.upper, *([found.p] if interval == "exact" else []))


def _rate_difference(number: int) -> Iterable[Any]:
    found = rate_difference(_person_time(number))
    return found.estimate, found.lower, found.upper


def _win_ratio(number: int) -> Iterable[Any]:
    d = rows(number)
    levels = [TimeLevel(d.time, d.event == 1), TimeLevel(d.second, d.second_event), ValueLevel(d.x1, True, margin=0.25)]
    found = win_ratio(levels, d.x2)
    return found.wins, found.losses, found.win_ratio, found.log_std_err, found.net_std_err, found.finkelstein_schoenfeld[0]


def _chi(yates: bool, number: int) -> Iterable[Any]:
    found = binary.chi_square(binary.two_by_two(*reference_sets.table(number)), yates=yates)
    return found.statistic, found.p


def _large(number: int) -> Iterable[Any]:
    found = binary.chi_square(reference_sets.square(number))
    return found.statistic, found.p


def _fisher(sided: str, number: int) -> Iterable[Any]:
    found = binary.fisher(binary.two_by_two(*reference_sets.table(number)), sided=sided)
    return found.p, found.odds_ratio, found.lower, found.upper


def _proportion(number: int) -> Iterable[Any]:
    x, n, _, _ = reference_sets.table(number)
    found = [binary.proportion(x, n, interval=name) for name in ("wilson", "clopper-pearson", "wald", "jeffreys", "agresti-coull")]
    return [limit for one in found for limit in (one.lower, one.upper)]


def _effect(kind: Callable[..., Any], interval: str, number: int) -> Iterable[Any]:
    found = kind(reference_sets.table(number), interval=interval)
    return (found.lower, found.upper) if interval not in ("katz", "woolf") else (found.estimate, found.lower, found.upper)


def _unconditional(order: str, number: int) -> Iterable[Any]:
    return [binary.exact_unconditional(reference_sets.table(number * 3), order=order).p]


def _t(equal: bool, number: int) -> Iterable[Any]:
    found = continuous.t_test(*reference_sets.values(number), equal_variances=equal)
    return found.statistic, found.df, found.p, found.lower, found.upper


def _wilcoxon(sided: str, number: int) -> Iterable[Any]:
    found = continuous.wilcoxon(*reference_sets.values(number), sided=sided)
    return found.statistic, found.p


def _shift(exact: bool, number: int) -> Iterable[Any]:
    found = continuous.hodges_lehmann(*reference_sets.values(number), exact=exact)
    return (found.estimate, found.lower, found.upper) if exact else (found.lower, found.upper)


def _register_times() -> None:
    for scale in ("log-log", "log"):
        RECOMPUTED[f"kaplan_meier.{scale}"] = partial(_curve, scale, ())
    for scale in ("plain", "logit", "arcsin"):
        RECOMPUTED[f"kaplan_meier.{scale}"] = partial(_limits, scale)
    RECOMPUTED["kaplan_meier.entry"] = partial(_curve, "log-log", ("entry",))
    RECOMPUTED.update({"follow_up": _follow_up, "rmst": _rmst, "rmst_difference": _rmst_difference, "log_rank": _log_rank_plain})
    fh = {"weight": "fleming-harrington", "rho": 0.5}
    for name, made in (("peto-peto", {"weight": "peto-peto"}), ("rho", fh), ("fh", fh | {"gamma": 1.0}), ("gehan", {"weight": "gehan"})):
        RECOMPUTED[f"log_rank.{name}"] = partial(_log_rank, made, ())
    RECOMPUTED["log_rank.tarone-ware"] = partial(_log_rank, {"weight": "tarone-ware"}, ())
    RECOMPUTED["log_rank.three"] = lambda number: [log_rank(follow(number), np.minimum(rows(number).stratum, 2)).statistic]
    for part in ("entry", "strata"):
        RECOMPUTED[f"log_rank.{part}"] = partial(_log_rank, {}, (part,))
        RECOMPUTED[f"cox_zph.{part}"] = partial(_zph, "km", (part,))
    for transform in ("km", "rank", "identity", "log"):
        RECOMPUTED[f"cox_zph.{transform}"] = partial(_zph, transform, ())
    for ties in ("efron", "breslow", "exact"):
        RECOMPUTED[f"cox.{ties}"] = partial(_cox, ties, ())
        for part in ("entry", "strata"):
            RECOMPUTED[f"cox.{ties}.{part}"] = partial(_cox, ties, (part,))
    for ties in ("efron", "breslow"):
        for part in ("robust", "robust.entry"):
            RECOMPUTED[f"cox.{ties}.{part}"] = partial(_robust, ties, WITH[part])


def _register_competing() -> None:
    for cause in (1, 2):
        RECOMPUTED[f"aalen_johansen.aalen.{cause}"] = partial(_incidence, cause, "aalen")
        RECOMPUTED[f"aalen_johansen.jackknife.{cause}"] = partial(_incidence, cause, "infinitesimal-jackknife")
        RECOMPUTED[f"fine_gray.{cause}"] = partial(_fine_gray, cause)
        RECOMPUTED[f"gray.{cause}.strata"] = partial(_gray, cause, 0.0, ("strata",))
        RECOMPUTED[f"gray.{cause}.three"] = partial(
            lambda cause, number: [gray(follow(number, event=rows(number).event), np.minimum(rows(number).stratum, 2), cause).statistic], cause
        )
        for rho in (0, 1):
            RECOMPUTED[f"gray.{cause}.rho{rho}"] = partial(_gray, cause, float(rho), ())
    RECOMPUTED.update({"rate": _rate, "rate_difference": _rate_difference, "win_ratio": _win_ratio})
    for interval in ("exact", "log"):
        RECOMPUTED[f"rate_ratio.{interval}"] = partial(_rate_ratio, interval)


def _register_counts() -> None:
    RECOMPUTED.update({"chi_square": partial(_chi, False), "chi_square.yates": partial(_chi, True), "chi_square.large": _large, "proportion": _proportion})
    RECOMPUTED["fisher.large"] = lambda number: [binary.fisher(reference_sets.square(number)).p]
    for sided in ("two-sided", "greater", "less"):
        RECOMPUTED[f"fisher.{sided.replace('-', '.')}"] = partial(_fisher, sided)
        RECOMPUTED[f"wilcoxon.{sided.replace('-', '.')}"] = partial(_wilcoxon, sided)
    for kind, names in ((binary.risk_difference, DIFFERENCES), (binary.risk_ratio, RATIOS), (binary.odds_ratio, ODDS)):
        for interval in names:
            RECOMPUTED[f"{kind.__name__}.{interval}"] = partial(_effect, kind, interval)
    for order in ("barnard", "boschloo"):
        RECOMPUTED[f"exact_unconditional.{order}"] = partial(_unconditional, order)
    RECOMPUTED["wilcoxon.plain"] = lambda n: [continuous.wilcoxon(*reference_sets.values(n), exact=False, correct=False).p]
    for exact in (True, False):
        RECOMPUTED[f"hodges_lehmann.{'exact' if exact else 'normal'}"] = partial(_shift, exact)
    for equal in (False, True):
        RECOMPUTED[f"t_test.{'student' if equal else 'welch'}"] = partial(_t, equal)


DIFFERENCES = ("wald", "wald-yates", "newcombe", "agresti-caffo", "miettinen-nurminen", "mee")
RATIOS = ("katz", "miettinen-nurminen", "koopman")
ODDS = ("woolf", "miettinen-nurminen")
_register_times()
_register_competing()
_register_counts()
