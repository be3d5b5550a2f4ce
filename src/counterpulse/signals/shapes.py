"""The shapes of a lead's usual QRS complexes, learned from its own beats, and how like them a new wave is. Knows no threshold and no rhythm.

A shape is the lead from 64 ms before to 28 ms after the R peak in steps of 4 ms, its mean taken off and its length made 1, so that likeness is a
correlation. Up to four are kept (normal, paced, two ectopic); one counts once it has been seen three times. Units: those of the lead.
"""

import math
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from counterpulse.kernel import inline
from counterpulse.record import Many, Record

STEP_S = 0.004
POINTS = 24
BEFORE_S = 0.064
SHAPES = 4
OFTEN = 2.9  # uses, forgotten slowly: seen three times
FORGET = 0.98  # a beat: a shape not seen for a hundred beats gives way
SAME = 0.8  # correlation from which a beat is one of a shape's (assumed)
FIRST = 0.8  # likeness told before any shape is known: neither like nor unlike


class Shapes(Record):
    """Shapes and how often each was met. `likeness` is that of the last wave compared, 0 to 1, to the shapes that count."""

    wave: Annotated[NDArray[np.float64], Many(POINTS)] = 0.0  # pyright: ignore[reportAssignmentType]
    kept: Annotated[NDArray[np.float64], Many((SHAPES, POINTS))] = 0.0  # pyright: ignore[reportAssignmentType]
    uses: Annotated[NDArray[np.float64], Many(SHAPES)] = 0.0  # pyright: ignore[reportAssignmentType]
    before_n: int = 16
    stride: float = 1.0  # working samples a step
    nearest: int = -1  # of all shapes
    nearness: float = 0.0
    likeness: float = FIRST


@inline
def compare(s: Shapes, past: NDArray[np.float64], mask: int, peak: int) -> None:
    """Compare the wave whose peak is working sample `peak` of the ring `past`; sets `likeness`."""
    take_wave(s, past, mask, peak)
    s.nearest = -1
    s.nearness = -1.0
    s.likeness = -1.0
    for k in range(SHAPES):
        if s.uses[k] <= 0.0:
            continue
        like = 0.0
        for j in range(POINTS):
            like += s.wave[j] * s.kept[k, j]
        if like > s.nearness:
            s.nearness = like
            s.nearest = k
        if s.uses[k] >= OFTEN:
            s.likeness = max(s.likeness, like, 0.0)
    if s.likeness < 0.0:
        s.likeness = FIRST


@inline
def take_wave(s: Shapes, past: NDArray[np.float64], mask: int, peak: int) -> None:
    """Copy the wave around its peak, mean 0, length 1."""
    mean = 0.0
    for j in range(POINTS):
        s.wave[j] = past[(peak - s.before_n + int(j * s.stride)) & mask]
        mean += s.wave[j]
    mean /= POINTS
    square = 0.0
    for j in range(POINTS):
        s.wave[j] -= mean
        square += s.wave[j] * s.wave[j]
    length = max(math.sqrt(square), 1e-9)
    for j in range(POINTS):
        s.wave[j] /= length


@inline
def keep(s: Shapes) -> None:
    """The wave last compared was a beat: its shape follows it, or it takes the place of the shape met least."""
    k = s.nearest
    for i in range(SHAPES):
        s.uses[i] *= FORGET
    if k < 0 or s.nearness < SAME:
        k = 0
        for i in range(SHAPES):
            if s.uses[i] < s.uses[k]:
                k = i
        s.uses[k] = 0.0
    s.uses[k] += 1.0
    gain = max(0.125, 1.0 / s.uses[k])
    square = 0.0
    for j in range(POINTS):
        s.kept[k, j] += gain * (s.wave[j] - s.kept[k, j])
        square += s.kept[k, j] * s.kept[k, j]
    length = max(math.sqrt(square), 1e-9)
    for j in range(POINTS):
        s.kept[k, j] /= length


@inline
def forget_shapes(s: Shapes) -> None:
    """Another lead: all shapes are new."""
    for i in range(SHAPES):
        s.uses[i] = 0.0
