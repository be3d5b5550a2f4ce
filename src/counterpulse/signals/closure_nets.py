"""Two small nets of the root's pressure, the table `data/closure_nets.toml` as arrays. Knows how they are laid out, not what they say.

One tells when the valve closes in an uneven rhythm (`signals.uneven`), the other how far closure lies from the steepest fall of a beat that nothing disturbed
(`signals.closed`). One layer: inputs, from `centre` in units of `scale`, make HIDDEN sums, each bent to lie between -1 and 1 by x / (1 + |x|); their weighted
sum and a constant are the answer. Units: s.
"""

import tomllib
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

STRETCHES = 6
INPUTS = 12 + 2 * STRETCHES  # in the order of `uneven.note_inputs`
MARK_INPUTS = 10  # in the order of `closed.note_fall`
HIDDEN = 24
BELIEVED = 4.0  # scales: an input further off counts as so far

_TABLE: dict[str, Any] = tomllib.loads((resources.files("counterpulse.signals") / "data" / "closure_nets.toml").read_text(encoding="utf-8"))


def _of(net: str, key: str, *shape: int) -> NDArray[np.float64]:
    return np.array(_TABLE[net][key], np.float64).reshape(*shape)


CENTRE = _of("uneven", "centre", INPUTS)
SCALE = _of("uneven", "scale", INPUTS)
LAYER = np.ascontiguousarray(_of("uneven", "layer", HIDDEN, INPUTS + 1).T)  # input by term, so that the sums run side by side; the last row is added
OUT = 0.001 * _of("uneven", "out_ms", HIDDEN + 1)
SPREAD_S = 0.001 * float(_TABLE["uneven"]["spread_ms"])  # SD of what it leaves of a beat where the console decides
MARK_CENTRE = _of("mark", "centre", MARK_INPUTS)
MARK_SCALE = _of("mark", "scale", MARK_INPUTS)
MARK_LAYER = np.ascontiguousarray(_of("mark", "layer", HIDDEN, MARK_INPUTS + 1).T)
MARK_OUT = 0.001 * _of("mark", "out_ms", HIDDEN + 1)
