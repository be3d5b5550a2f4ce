"""What the predictor of closure remembers of a patient and of the running beat. Knows no rule. Units: mmHg; s after the beat's mark, as the source shows it."""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from counterpulse.record import Many, Record
from counterpulse.signals.closure_prior import FEATURES, KNOWN, TERMS

PLACES = 20  # of the grid
PAST = 127  # mask of the ring: 0.256 s at the highest working rate
STRETCHES = 6
BLIND = 2
FALLS = 27  # slopes kept on the way to closure (`signals.fall`)


class Closure(Record):
    """State of the predictor. `closes_s` is what it predicts now; `fresh` is 1 at the sample at which that has changed."""

    past: Annotated[NDArray[np.float64], Many(PAST + 1)] = 0.0  # pyright: ignore[reportAssignmentType]
    rows: Annotated[NDArray[np.float64], Many((PLACES, FEATURES))] = 0.0  # pyright: ignore[reportAssignmentType]
    usual: Annotated[NDArray[np.float64], Many((PLACES, FEATURES))] = 0.0  # pyright: ignore[reportAssignmentType]
    rows_s: Annotated[NDArray[np.float64], Many(PLACES)] = 0.0  # pyright: ignore[reportAssignmentType]
    seen: Annotated[NDArray[np.int64], Many(PLACES, int)] = 0  # pyright: ignore[reportAssignmentType]
    weights: Annotated[NDArray[np.float64], Many(TERMS)] = 0.0  # pyright: ignore[reportAssignmentType]
    known: Annotated[NDArray[np.float64], Many(KNOWN)] = 0.0  # pyright: ignore[reportAssignmentType]
    doubt: Annotated[NDArray[np.float64], Many((KNOWN, KNOWN))] = 0.0  # pyright: ignore[reportAssignmentType]
    terms: Annotated[NDArray[np.float64], Many(TERMS)] = 0.0  # pyright: ignore[reportAssignmentType]
    along: Annotated[NDArray[np.float64], Many(KNOWN)] = 0.0  # pyright: ignore[reportAssignmentType]
    gain: Annotated[NDArray[np.float64], Many(KNOWN)] = 0.0  # pyright: ignore[reportAssignmentType]
    back_n: Annotated[NDArray[np.int64], Many(STRETCHES, int)] = 0  # pyright: ignore[reportAssignmentType]
    fall: Annotated[NDArray[np.float64], Many(FALLS)] = 0.0  # pyright: ignore[reportAssignmentType]
    fall_var: Annotated[NDArray[np.float64], Many(FALLS)] = 0.0  # pyright: ignore[reportAssignmentType]
    fall_counts: Annotated[NDArray[np.float64], Many(FALLS)] = 0.0  # pyright: ignore[reportAssignmentType]
    fall_log: Annotated[NDArray[np.float64], Many(FALLS)] = 0.0  # pyright: ignore[reportAssignmentType]
    uneven: int = 0  # 1 = this beat's closure is told by `signals.uneven`
    said_s: float = 0.0  # closure less what was expected, as the net of that said at the decision
    said: int = 0  # 1 = it has said something of this beat
    offset_s: float = 0.0  # of what that says, learned, and its variance
    offset_var: float = 0.0
    falls: int = 0  # lessons that showed their fall
    told: int = 0  # 1 = this beat's clean part has been weighed
    told_s: float = 0.0  # closure that it tells of
    told_var: float = 0.0  # its variance, s2; 0 = it tells nothing
    age_s: float = 0.0  # of the newest sample
    source: int = 0  # of the pressure, as `Source`
    rr_s: float = 0.0  # that led to this beat, and the one before; 0 = not told
    rr_before_s: float = 0.0
    short_n: int = 4
    fall_n: int = 2
    bend_n: int = 4
    before_n: int = 10
    bend_mmHg: float = 0.0  # strongest upward bend of this beat so far
    steepest_s: float = -1.0
    steepest_at: int = 0  # working sample
    steepest_mmHg: float = 0.0  # fall over `fall_n` before that bend, negative
    peak_mmHg: float = -1e9  # since the rise
    peak_s: float = 0.0
    top_mmHg: float = 0.0  # the peak when the bend came
    top_s: float = 0.0
    extra: float = 0.0
    now: int = 0
    lessons: int = 0
    weighed: int = 0  # 1 = the regression has had a lesson
    open_beat: int = 0  # 1 = a beat is under way
    step_s: float = 0.004
    place: int = -1  # last place of the grid that was reached
    base_s: float = 0.35
    horizon_s: float = 0.05
    begun: int = 0  # 1 = the first sample of this beat has come, BLIND = before there was anything to look back to
    rise_s: float = -1.0  # steepest rise of this beat so far, after its mark
    rise_mmHg: float = 0.0
    rise_before_mmHg: float = 0.0  # the rise one sample before the steepest, and at the last sample
    rise_last_mmHg: float = 0.0
    rising: int = 0  # the last sample was the steepest so far
    lowest_mmHg: float = 1e9  # before that
    decided_s: float = -1.0  # what was predicted when the horizon was reached
    miss_s: float = 0.008  # mean absolute error of that
    closes_s: float = 0.35
    fresh: int = 0


