"""What a recording of one real person is once it is open: channels with their units and rates, and how far it was whole.

Knows no file format and no pump. Values as the file gives them, in the unit that it names; NaN = not there. Time in s from the first sample.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

BROKEN = (ValueError, IndexError, KeyError, TypeError, AttributeError, OSError, OverflowError, ZeroDivisionError, RuntimeError, EOFError)
"""What readers of damaged files raise; caught at the border and told in one sentence."""


@dataclass(frozen=True)
class Channel:
    """One signal: `values` has one number per sample, `fs_hz` samples a second, from time 0."""

    name: str
    unit: str
    fs_hz: float
    values: NDArray[np.float64]

    @property
    def duration_s(self) -> float:
        """How long it lasts."""
        return len(self.values) / self.fs_hz


@dataclass(frozen=True)
class Recording:
    """Channels of one file, sentences about how it was read, and where it stopped being whole (None: it is whole).

    `frame_hz` is the rate in which the file's annotations count, where that is not the first channel's.
    """

    name: str
    path: str
    channels: tuple[Channel, ...]
    stopped_at_s: float | None = None
    notes: tuple[str, ...] = ()
    details: dict[str, str] = field(default_factory=dict)
    frame_hz: float | None = None

    @property
    def duration_s(self) -> float:
        """The longest channel's length."""
        return max((channel.duration_s for channel in self.channels), default=0.0)

    def channel(self, name: str) -> Channel | None:
        """The first channel of that name (letter case ignored), or None."""
        return next((one for one in self.channels if one.name.casefold() == name.strip().casefold()), None)

    def listing(self) -> str:
        """All channels in one phrase: `II (mV, 250 Hz), ABP (mmHg, 125 Hz)`."""
        return ", ".join(f"{one.name} ({one.unit or 'no unit'}, {one.fs_hz:g} Hz)" for one in self.channels) or "none"
