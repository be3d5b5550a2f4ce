"""What the console expects of the next beat: when the aortic valve closes and opens after the beat's mark, and when the next beat comes.

Learned from this patient's own R-R intervals, notches and upstrokes; Weissler's population regressions until then. Knows no clinician, no
balloon and no state machine. The mark of a beat is its R wave (ECG trigger) or the opening of the valve (pressure trigger). Units: s.
"""

import math
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from counterpulse.kernel import inline, rare
from counterpulse.pump.pace import Pace, foretell, learn_pace, pace_sd
from counterpulse.record import Many, Record
from counterpulse.signals.filters import median

KEPT = 10  # pump.md 2.2 [R42]: average rate from 10 R-R

# Weissler's regressions on heart rate (pump.md 3.7 [M], men; the women's differ by 3 ms): Q to closure, left-ventricular ejection time, pre-ejection period
QS2_S, QS2_PER_RATE_S = 0.546, 0.0021
LVET_S, LVET_PER_RATE_S = 0.413, 0.0017
PEP_S, PEP_PER_RATE_S = 0.131, 0.0004
PEP_SD_S = 0.02  # of patients about that: 13 ms in healthy men (pump.md 3.7 [M]), 21 in the presets at two rates each (benchmarks/late_opening.py)
Q_TO_R_S, LATEST_R_S = 0.04, 0.1  # onset of the QRS to the R peak: narrow, and at the latest in a wide one (assumed)
# The valve opens once the ventricle has come from its filling pressure to the aorta's: onset of the QRS to its first rise, and how slowly a failing one rises.
# Below about 45 mmHg that is sooner than the regression, which people with an ordinary pressure have made (all three assumed)
RISE_BEGINS_S, FILLING_mmHg, SLOWEST_mmHg_s = 0.05, 15.0, 700.0

SHORTEST_CLOSE_S, LONGEST_CLOSE_S = 0.14, 0.56
SHORTEST_OPEN_S, LONGEST_OPEN_S = -0.07, 0.25  # the R wave of a wide QRS may peak after the valve has opened
CLOSE_PER_RR = 0.15  # how much later the valve closes per second of the R-R before; the patient's own takes over (assumed; pump.md 3.7)
CLOSE_PER_RR_WEIGHT_S2 = 0.004  # worth 30 beats with R-R spread 12 ms (assumed)
CLOSE_REACH_S = 0.2  # by the pressure trigger the slope is followed no further (assumed)
OUTLIER_S = 0.06  # a notch further off is not believed, unless four in a row say so (assumed)
PINGS_KNOWN = 3  # so many waves of the balloon tell a source's delay (assumed)
MOST_DELAY_S, DELAY_PRIOR_BEATS = 0.15, 1  # the delay assumed of a source is worth one pulse: it differs by 29 to 50 ms (SD) between patients
# Root, lumen, radial, femoral: steepest rise of the pulse after the opening less the steepest fall after closure, simulated patients (docs/validation/timing)
FALL_BEFORE_RISE_S = (0.0, 0.023, 0.041, 0.045)
OPEN_OWN = 2  # so many upstrokes of the patient's own, and the population's pre-ejection period no longer counts (assumed)
OPEN_STEP_S = 0.02  # an upstroke further from the mean moves it as if it were so far: a balloon that still empties can look like one (assumed)
IRREGULAR_SHARE = 0.10  # pump.md 2.3 item 4
IRREGULAR_STEP = 0.20
MARGIN_SDS = 4.0  # deflation counts with a beat earlier than predicted by so many SD: where errors are normal one in 30,000 comes sooner
PREDICTABLE_SHARE = 0.9  # of the median of the last ten: an earlier beat is not predictable (CONTRACTS.md), so nothing is given away for it
LEEWAY_S = 0.02  # for which gas may still be there in a predictable beat (CONTRACTS.md): all of it
SD_PER_MISS = 1.2533  # of normal errors, over their mean size
# The opening as a late source tells it, its delay known by the balloon's wave: 13 to 16 ms (SD) off in the presets (benchmarks/late_opening.py). It counts so
# much beside the population's, leaves so much unknown, and is believed so far from it
LATE_OPEN_SHARE, LATE_OPEN_SD_S, LATE_OPEN_MOST_S = 0.67, 0.012, 0.04


class Expectation(Record):
    """What this patient's beats have taught."""

    pace: Pace = Pace.defaults
    rr_s: Annotated[NDArray[np.float64], Many(KEPT)] = 0.0  # pyright: ignore[reportAssignmentType]
    rr_n: int = 0  # intervals seen
    median_s: float = 0.8
    next_rr_s: float = 0.8  # predicted
    last_rr_s: float = 0.8
    miss_s: float = 0.03  # mean absolute error of the prediction
    irregular: int = 0
    close_n: int = 0  # notches learned from
    close_mean_s: float = 0.0
    close_rr_mean_s: float = 0.0
    close_var: float = 0.0
    close_cov: float = 0.0
    close_strange: int = 0
    open_n: int = 0  # upstrokes learned from
    open_mean_s: float = 0.0
    open_miss_s: float = PEP_SD_S / SD_PER_MISS  # mean absolute distance from that; until it is known, of people from the regression
    open_unseen_s: float = 0.0  # SD of what a late source leaves unknown of the opening
    next_sd_s: float = 0.03  # of the next R-R about its prediction
    q_to_r_s: float = Q_TO_R_S  # of the last beat, by the width of its QRS
    low_mmHg: float = 1e3  # pressure at the end of diastole; unknown: no limit
    by_opening: int = 0  # 1 = beats are marked by the pressure: where the source shows the opening, less its delay
    delay_n: int = 0  # upstrokes of a late source learned from
    delay_s: float = 0.0  # what the source's delay differs by from the one assumed
    ping_n: int = 0  # waves of the balloon that a late source has shown (`pump.ping`)
    ping_s: float = 0.0  # their mean delay, less the one assumed


@inline
def expect_rr(e: Expectation, rr_s: float) -> None:
    """Take the interval that has just ended."""
    if e.rr_n > 0:
        e.miss_s += 0.1 * (min(abs(rr_s - e.next_rr_s), 0.25 * e.median_s) - e.miss_s)
        learn_pace(e.pace, rr_s, abs(rr_s - e.median_s) <= IRREGULAR_STEP * e.median_s)
    e.rr_s[e.rr_n % KEPT] = rr_s
    e.rr_n += 1
    e.last_rr_s = rr_s
    n = min(e.rr_n, KEPT)
    e.median_s = median(e.rr_s, n)
    total = 0.0
    count = 0
    for i in range(n):
        if abs(e.rr_s[i] - e.median_s) <= IRREGULAR_STEP * e.median_s:
            total += e.rr_s[i]
            count += 1
    e.next_rr_s = foretell(e.pace, total / count if count > 0 else e.median_s)
    e.next_sd_s = pace_sd(e.pace)
    judge_rhythm(e, n)


@inline
def rr_before(e: Expectation) -> float:
    """The interval before the last one, s; the last one where there was none."""
    return e.rr_s[(e.rr_n - 2) % KEPT] if e.rr_n > 1 else e.last_rr_s


@inline
def judge_rhythm(e: Expectation, n: int) -> None:
    """Irregular if the R-R spread is over 10 % of their mean or three of the last ten steps are over 20 % (pump.md 2.3)."""
    total = 0.0
    for i in range(n):
        total += e.rr_s[i]
    mean = total / n
    square = 0.0
    steps = 0
    for i in range(n):
        away = e.rr_s[i] - mean
        square += away * away
        if i + 1 < n and abs(e.rr_s[(e.rr_n - 1 - i) % KEPT] - e.rr_s[(e.rr_n - 2 - i) % KEPT]) > IRREGULAR_STEP * e.median_s:
            steps += 1
    limit = IRREGULAR_SHARE * mean
    e.irregular = 1 if n >= 4 and (square > limit * limit * n or steps >= 3) else 0


@inline
def weissler_close(rr_s: float, from_opening: bool) -> float:
    """Population guess of mark to closure: from the R wave, or from the opening of the valve."""
    rate = 60.0 / max(rr_s, 0.25)
    if from_opening:
        return LVET_S - LVET_PER_RATE_S * rate
    return QS2_S - QS2_PER_RATE_S * rate - Q_TO_R_S


@inline
def expected_close(e: Expectation, from_opening: bool) -> float:
    """Mark to closure of the valve in the beat that has just begun, s."""
    return max(close_after(e, e.last_rr_s, from_opening) - mark_late(e, from_opening), SHORTEST_CLOSE_S)


@inline
def mark_late(e: Expectation, from_opening: bool) -> float:
    """How much later in its QRS the last beat was marked than a narrow one, s: closure is counted from where a narrow one's mark would be."""
    return 0.0 if from_opening else e.q_to_r_s - Q_TO_R_S


@inline
def close_after(e: Expectation, rr_s: float, from_opening: bool) -> float:
    """Mark to closure of the valve in a beat of narrow QRS that `rr_s` led to, s."""
    if e.close_n == 0:
        guess = weissler_close(rr_s, from_opening)
    else:
        slope = (e.close_cov + CLOSE_PER_RR * CLOSE_PER_RR_WEIGHT_S2) / (e.close_var + CLOSE_PER_RR_WEIGHT_S2)
        away = rr_s - e.close_rr_mean_s
        if from_opening:  # pulses that were not found make intervals of the first lessons too long
            away = min(max(away, -CLOSE_REACH_S), CLOSE_REACH_S)
        guess = e.close_mean_s + slope * away
    return min(max(guess, SHORTEST_CLOSE_S), LONGEST_CLOSE_S)


@rare
def learn_close(e: Expectation, close_s: float, from_opening: bool) -> bool:
    """Take a mark-to-closure time measured in the beat whose preceding R-R is `last_rr_s`; True if it was believed.

    Strange ones are left out until they persist.
    """
    if close_s < SHORTEST_CLOSE_S or close_s > LONGEST_CLOSE_S:
        return False
    close_s += mark_late(e, from_opening)
    if e.close_n >= 3 and abs(close_s - close_after(e, e.last_rr_s, from_opening)) > OUTLIER_S:
        e.close_strange += 1
        if e.close_strange < 4:
            return False
        e.close_n = 0
    e.close_strange = 0
    e.close_n += 1
    if e.close_n == 1:
        e.close_mean_s = close_s
        e.close_rr_mean_s = e.last_rr_s
        e.close_var = 0.0
        e.close_cov = 0.0
        return True
    gain = max(1.0 / e.close_n, 0.04)
    dx = e.last_rr_s - e.close_rr_mean_s
    dy = close_s - e.close_mean_s
    e.close_mean_s += gain * dy
    e.close_rr_mean_s += gain * dx
    e.close_var += gain * (dx * dx - e.close_var)
    e.close_cov += gain * (dx * dy - e.close_cov)
    return True


@inline
def expected_open(e: Expectation) -> float:
    """R wave to opening of the valve, s."""
    guess = e.open_mean_s if e.open_n >= OPEN_OWN else population_open(e)
    if e.open_n < OPEN_OWN or e.open_unseen_s > 0.0:  # the root has not told
        guess = min(guess, latest_open(e))
    return min(max(guess, SHORTEST_OPEN_S), LONGEST_OPEN_S)


@inline
def open_sd(e: Expectation) -> float:
    """SD of R wave to opening, s."""
    own = SD_PER_MISS * e.open_miss_s
    return math.sqrt(own * own + e.open_unseen_s * e.open_unseen_s)


@inline
def early_by(e: Expectation) -> float:
    """How much sooner than expected the valve of the next predictable beat may open, s: R-R and opening miss together, each by its own spread.

    Of all pairs of misses that make it so early and leave the beat predictable the likeliest is `MARGIN_SDS` away (as squares add), where misses are normal.
    """
    sd = open_sd(e)
    both = math.sqrt(e.next_sd_s * e.next_sd_s + sd * sd)
    most = e.next_rr_s - min(PREDICTABLE_SHARE * e.median_s, e.next_rr_s)
    if MARGIN_SDS * e.next_sd_s * e.next_sd_s <= most * both:
        return MARGIN_SDS * both
    share = most / e.next_sd_s
    return most + sd * math.sqrt(MARGIN_SDS * MARGIN_SDS - share * share)


@inline
def open_margin(e: Expectation) -> float:
    """How much earlier than expected the valve may open, s, beside what `earliest_rr` allows for."""
    return early_by(e) - (e.next_rr_s - earliest_rr(e))


@inline
def leeway(e: Expectation) -> float:
    """What may be used of the first 20 ms of ejection, s: never more than the margins, so that the balloon is expected to be empty when the valve opens."""
    return min(LEEWAY_S, early_by(e))


@inline
def population_open(e: Expectation) -> float:
    """R wave to opening of the valve at the present rate in most people, s; the R wave of a wide QRS peaks later in it."""
    return PEP_S - PEP_PER_RATE_S * 60.0 / max(e.median_s, 0.25) - e.q_to_r_s


@inline
def latest_open(e: Expectation) -> float:
    """R wave to opening at the latest, s: a ventricle need not rise far against a low pressure (regurgitation). In a wide QRS it rises later."""
    return RISE_BEGINS_S - Q_TO_R_S + max(e.low_mmHg - FILLING_mmHg, 0.0) / SLOWEST_mmHg_s


@inline
def heed_width(e: Expectation, width_s: float) -> None:
    """Take the width of the QRS just marked: its peak lies halfway."""
    e.q_to_r_s = min(max(0.5 * width_s, Q_TO_R_S), LATEST_R_S)


@rare
def learn_delay(e: Expectation, seen_s: float, assumed_s: float, source: int) -> None:
    """The valve's opening was seen `seen_s` after the R wave by a source that is late: what is not the population's pre-ejection period is its delay.

    The delay is that of the fall at closure, which a line shows sooner than the upstroke. Once the balloon's own wave has told the delay, the upstroke
    tells the opening instead.
    """
    away = seen_s - FALL_BEFORE_RISE_S[source] - assumed_s
    away -= population_open(e)
    if e.ping_n >= PINGS_KNOWN and (e.open_n < OPEN_OWN or e.open_unseen_s > 0.0):  # what the root has told stands
        late = min(max(away - e.delay_s, -LATE_OPEN_MOST_S), LATE_OPEN_MOST_S)
        learn_open(e, population_open(e) + LATE_OPEN_SHARE * late, LATE_OPEN_SD_S)
    if e.ping_n > 0:
        return
    e.delay_n += 1
    move_delay(e, e.delay_s + max(1.0 / (e.delay_n + DELAY_PRIOR_BEATS), 0.02) * (away - e.delay_s))


@inline
def move_delay(e: Expectation, away_s: float) -> None:
    """The source's delay differs by `away_s` from the one assumed. What it showed of closure stays where it was shown; marks by the pressure move with it."""
    new = min(max(away_s, -MOST_DELAY_S), MOST_DELAY_S)
    if e.close_n > 0 and e.by_opening == 0:
        e.close_mean_s -= new - e.delay_s
    e.delay_s = new


@rare
def learn_open(e: Expectation, open_s: float, unseen_s: float) -> None:
    """Take an R-to-opening time seen in the pressure; `unseen_s` is the SD of what the source leaves unknown of it."""
    if open_s < SHORTEST_OPEN_S or open_s > LONGEST_OPEN_S:
        return
    if unseen_s < e.open_unseen_s:
        forget_open(e)
    e.open_unseen_s = unseen_s
    e.open_n += 1
    away = open_s - e.open_mean_s
    if e.open_n > OPEN_OWN:
        away = min(max(away, -OPEN_STEP_S), OPEN_STEP_S)
        e.open_miss_s += 0.1 * (abs(away) - e.open_miss_s)
    e.open_mean_s += max(1.0 / e.open_n, 0.1) * away


@rare
def forget_open(e: Expectation) -> None:
    """Another mark of beats: what was learned of the opening counted from the old one."""
    e.open_n = 0
    e.open_miss_s = PEP_SD_S / SD_PER_MISS
    e.open_unseen_s = 0.0


@inline
def earliest_rr(e: Expectation) -> float:
    """The R-R that the deflation counts with: as short as the misses of the prediction suggest, yet no shorter than a beat that can be called predictable."""
    return max(e.next_rr_s - MARGIN_SDS * e.next_sd_s, min(PREDICTABLE_SHARE * e.median_s, e.next_rr_s))


@inline
def scatter(e: Expectation) -> float:
    """How badly the next R-R can be told: mean absolute error of the prediction over the median. Below about 0.05 predictive deflation gives nothing away."""
    return e.miss_s / max(e.median_s, 0.2)
