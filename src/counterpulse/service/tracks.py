"""The channels that a page draws: where each comes from in a piece of a run, and how it is thinned for the screen.

Knows names, units and first ranges of the axes; no browser. mmHg, mV, mL, mL/s. What a viewer may see is what a bedside shows; the rest is truth.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpulse.bed.channels import NAMES
from counterpulse.bed.compare import WITH, WITHOUT
from counterpulse.signals.sample import Source, Valve

DRAW_HZ = 250.0
BEDSIDE = ("ecg", "pressure", "balloon", "mark")  # groups that any bedside shows


@dataclass(frozen=True)
class Piece:
    """Some samples of a run: rows of `Sample`, gas valve, R waves as the console knew them, and the truth of every lane (None along a recording)."""

    first: int
    samples: Any
    valve: NDArray[np.int8]
    seen: NDArray[np.int8]
    truth: NDArray[np.float64] | None = None
    beat: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        """Number of samples."""
        return len(self.valve)


class Track(NamedTuple):
    """One drawn channel. `thin`: last, peak (largest) or far (furthest from zero) of the samples that share a drawn one."""

    id: str
    label: str
    unit: str
    low: float
    high: float
    group: str
    read: Callable[[Piece], Any] | None = None
    thin: str = "last"
    truth: tuple[int, int] | None = None  # lane and column of what is true, where that is all there is to it

    def told(self) -> dict[str, Any]:
        """What a page is told of it."""
        return {"id": self.id, "label": self.label, "unit": self.unit, "low": self.low, "high": self.high, "group": self.group}


def _lead(place: int) -> Callable[[Piece], Any]:
    return lambda piece: piece.samples["ecg_mV"][:, place]


def _line(source: Source) -> Callable[[Piece], Any]:
    return lambda piece: piece.samples["arterial_mmHg"][:, int(source)]


def _truth(name: str, lane: int) -> dict[str, Any]:
    if name == "balloon_mL":
        thirds = [NAMES.index(third) for third in ("upper_mL", "middle_mL", "lower_mL")]
        return {"read": lambda piece: piece.truth[:, lane, thirds].sum(axis=1)}
    return {"truth": (lane, NAMES.index(name))}


SEEN = (
    *(Track(f"ecg{k + 1}", f"ECG {name}", "mV", -1.0, 2.0, "ecg", _lead(k), "far") for k, name in enumerate(("II", "V5", "aVL"))),
    Track("art_root", "Arterial, balloon tip (fibre-optic)", "mmHg", 0.0, 160.0, "pressure", _line(Source.ROOT)),
    Track("art_lumen", "Arterial, balloon lumen", "mmHg", 0.0, 160.0, "pressure", _line(Source.LUMEN)),
    Track("art_radial", "Arterial, radial", "mmHg", 0.0, 160.0, "pressure", _line(Source.RADIAL)),
    Track("art_femoral", "Arterial, femoral", "mmHg", 0.0, 160.0, "pressure", _line(Source.FEMORAL)),
    Track("balloon", "Balloon pressure", "mmHg", -80.0, 240.0, "balloon", lambda piece: piece.samples["balloon_mmHg"]),
)
MARKS = (
    Track("trigger", "R wave seen", "1", 0.0, 1.0, "mark", lambda piece: piece.seen, "peak"),
    Track("inflated", "Balloon driven", "1", 0.0, 1.0, "mark", lambda piece: piece.valve == Valve.DRIVE),
    Track("spike", "Pacing spike", "1", 0.0, 1.0, "mark", lambda piece: piece.samples["pacer_spike"], "peak"),
)
LINES = (
    Track("pa", "Pulmonary artery", "mmHg", 0.0, 60.0, "pressure", **_truth("pa", WITH)),
    Track("cvp", "Central venous", "mmHg", 0.0, 30.0, "pressure", **_truth("ra", WITH)),
)
INSIDE = (
    ("root", "Aortic root", "mmHg", 0.0, 160.0),
    ("lv", "Left ventricle", "mmHg", 0.0, 160.0),
    ("rv", "Right ventricle", "mmHg", 0.0, 60.0),
    ("la", "Left atrium", "mmHg", 0.0, 50.0),
    ("lv_mL", "Left ventricular volume", "mL", 0.0, 300.0),
    ("rv_mL", "Right ventricular volume", "mL", 0.0, 300.0),
    ("aortic", "Aortic valve flow", "mL/s", -200.0, 800.0),
    ("mitral", "Mitral valve flow", "mL/s", -200.0, 800.0),
    ("coronary", "Coronary flow", "mL/s", -2.0, 12.0),
    ("balloon_mL", "Balloon volume", "mL", 0.0, 50.0),
)
PHYSIOLOGY = tuple(Track(f"true_{name}", label, unit, low, high, "physiology", **_truth(name, WITH)) for name, label, unit, low, high in INSIDE)
ALONE = tuple(
    Track(f"without_{name}", f"{label}, without the pump", unit, low, high, "without", **_truth(name, WITHOUT))
    for name, label, unit, low, high in INSIDE
    if name not in ("la", "mitral", "balloon_mL")
)
SIMULATED = (*SEEN, *MARKS, *LINES, *PHYSIOLOGY, *ALONE)
RECORDED = (*SEEN, *MARKS)


def of_bedside(tracks: tuple[Track, ...]) -> int:
    """How many of the first tracks any bedside shows; the others come after them."""
    return sum(track.group in BEDSIDE for track in tracks)


def thinned(tracks: tuple[Track, ...], piece: Piece, every: int) -> NDArray[np.float32]:
    """Channels x drawn samples, float32: of every `every` samples one. A pacing spike or R wave of one sample survives."""
    drawn = np.empty((len(tracks), len(piece) // every), np.float32)
    if piece.truth is not None:
        rows = [k for k, track in enumerate(tracks) if track.truth]
        lanes, columns = zip(*(tracks[k].truth or (0, 0) for k in rows), strict=True)
        drawn[rows] = piece.truth[every - 1 :: every, lanes, columns].T
    for row, track in zip(drawn, tracks, strict=True):
        if track.read is not None:
            values = np.asarray(track.read(piece))
            row[:] = values if every == 1 else THIN[track.thin](values.reshape(-1, every))
    return drawn


def furthest(block: NDArray[Any]) -> NDArray[Any]:
    """Of each row the value furthest from zero."""
    return block[np.arange(len(block)), np.argmax(np.abs(block), axis=1)]


THIN: dict[str, Callable[[NDArray[Any]], Any]] = {"last": lambda block: block[:, -1], "peak": lambda block: block.max(axis=1), "far": furthest}
