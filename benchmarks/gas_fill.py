"""How much later than its line delay a balloon is a tenth full, by the pressure it fills against and the time it has: the constants of `pump.beat`.

Usage: python benchmarks/gas_fill.py [PATIENTS] [SEED]     120 drawn patients of seed 20261123 if not given, 60 s each

A tenth of what it reaches in that patient, as the timing benchmarks count it. A line through the patients whose balloon stays long enough to fill whole; then what
the others miss of it, falling off with the stay (FILLS_AT_mmHg and SOONER_STAY_S are assumed). Every patient counts once, by medians.
"""

import sys
from typing import Any

import numpy as np

from closure_patients import EVERY, Seen, population
from counterpulse.body.gas import CATHETERS
from counterpulse.pump.beat import SOONER_STAY_S, FILLS_AT_mmHg

FIRST_MS, LEAST_CYCLES = 10000.0, 10
WHOLE_S = 0.3  # a stay that fills any balloon of the table against any of these pressures (benchmarks/catheters.py)
REACH_MS = (5.0, 120.0)


def fills(one: Seen) -> Any:
    """Medians of a patient: lateness (s), pressure at the command to drive (mmHg), stay (s); NaN with too few inflations."""
    rows = []
    for drive in one.drives[one.drives > FIRST_MS]:
        onset, vacuum = one.onsets[one.onsets > drive][:1], one.vacuums[one.vacuums > drive][:1]
        if len(onset) and len(vacuum) and REACH_MS[0] < onset[0] - drive < REACH_MS[1]:
            rows.append((onset[0] - drive, one.shown[int(drive) // EVERY, 0], vacuum[0] - drive))
    if len(rows) < LEAST_CYCLES:
        return np.full(3, np.nan)
    late, pressure, stay = np.median(rows, 0)
    return np.array([0.001 * (late - CATHETERS[one.drawn.size].onset_ms), pressure, 0.001 * stay])


def main() -> int:
    """Print the constants and what they leave."""
    numbers = [int(word) for word in sys.argv[1:]]
    found = np.array([fills(one) for one in population(numbers[1] if len(numbers) > 1 else 20261123, numbers[0] if numbers else 120, 60.0)])
    late, pressure, stay = found[np.isfinite(found).all(1)].T
    whole = stay > WHOLE_S
    slope, start = np.polyfit(pressure[whole], late[whole], 1)
    left = late - start - slope * pressure
    fast = np.maximum(pressure - FILLS_AT_mmHg, 0.0) * np.exp(-stay / SOONER_STAY_S)
    sooner = -float(fast @ left / (fast @ fast))
    say = lambda values: f"{1000 * values.mean():+.1f} ± {1000 * values.std():.1f} ms ({1000 * values.min():+.1f} to {1000 * values.max():+.1f})"  # noqa: E731
    print(f"LATER_S_PER_mmHg {slope:.6f}  DELAY_HOLDS_AT_mmHg {-start / slope:.1f}  ({whole.sum()} patients whose balloon fills whole: left {say(left[whole])})")
    print(f"SOONER_S_PER_mmHg {sooner:.5f}  ({len(late)} patients: left {say(left + sooner * fast)}; without {say(left)})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
