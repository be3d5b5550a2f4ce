"""Heart valves and septal defects: orifices with inertia whose leaflets take time to move (Mynard 2012 IJNMBE 28:626).

Knows areas and pressure differences only. mmHg, mL/s, cm2, s.
"""

from typing import NamedTuple

from counterpulse.kernel import inline

DENSITY = 7.951e-4  # blood, 1.06 g/mL, in mmHg s2/cm2
INERTIA = DENSITY * 1.2  # column of 1.2 cm moves with the flow (Mynard 2012: 0.8 to 1.5 cm)
LOSS = 0.5 * DENSITY  # Bernoulli
SHUT_CM2 = 1e-4  # a healthy shut valve: keeps the equations regular, leaks less than 0.05 mL/s at 100 mmHg
OPENING = 16.0  # leaflet rate per mmHg s, semilunar (Mynard 2012, 0.012 cm2/(dyn s))
CLOSING = 16.0
CLOSED = 1e-9  # an opening below this is none: what shrinks for ever ends in numbers so small that a processor takes a hundred times as long over them
INLET_OPENING = 27.0  # atrioventricular (Mynard 2012: opening 0.02, closing 0.04 cm2/(dyn s))
INLET_CLOSING = 53.0


class Moved(NamedTuple):
    """Flow and opening after a step."""

    flow: float
    opening: float


@inline
def orifice(flow: float, difference: float, area: float, step_s: float) -> float:
    """Flow through an opening one step on: inertia and Bernoulli loss; the loss is taken as |old| new, second order and never unstable."""
    momentum = INERTIA * area * flow + step_s * area * area * difference
    return momentum / (INERTIA * area + step_s * LOSS * abs(flow) + 1e-12)


@inline
def leaflets(opening: float, up: float, down: float) -> float:
    """Opening of the leaflets one step on; `up` and `down` are rate times step."""
    moved = (opening * (1.0 - 0.5 * (up + down)) + up) / (1.0 + 0.5 * (up + down))
    moved = moved if moved > CLOSED else 0.0
    return moved if moved < 1.0 else 1.0


@inline
def valve(flow: float, opening: float, difference: float, least: float, span: float, step_s: float) -> Moved:
    """A semilunar valve: `least` cm2 when shut, `least + span` when open."""
    moved = leaflets(opening, step_s * OPENING * max(difference, 0.0), step_s * CLOSING * max(-difference, 0.0))
    return Moved(orifice(flow, difference, least + span * 0.5 * (opening + moved), step_s), moved)


@inline
def inlet(flow: float, opening: float, difference: float, least: float, span: float, step_s: float) -> Moved:
    """An atrioventricular valve: lighter leaflets."""
    moved = leaflets(opening, step_s * INLET_OPENING * max(difference, 0.0), step_s * INLET_CLOSING * max(-difference, 0.0))
    return Moved(orifice(flow, difference, least + span * 0.5 * (opening + moved), step_s), moved)
