"""What lumen, radial and femoral line show of closure, of the heart's upstroke and of the balloon's wave: the constants of `pump.ping` and `pump.timing`.

Usage: python benchmarks/late_lines.py [PATIENTS] [SEED]     60 drawn patients of seed 20261124 if not given, 80 s each and line

The console reads one line; the same samples are then read once more with its memory open. All three are moments after what is so in the aorta, of each patient the
median: the steepest fall that a beat without inflation shows, after the twin's closure (as the console's own detector finds it, wrong falls included); the
steepest rise of the pulse, after the opening; the steepest rise after an inflation, after the onset that the console counts with. Constants are medians over
patients, spreads half the distance from quartile to quartile over 0.6745, which a few wrong falls do not move. Late is not shown: a line's own frequency and damping are those of
the simulated monitor.
"""

import sys
from typing import Any

import numpy as np

from closure_patients import bed_of, drawn, lives
from counterpulse.bed.beats import ejections
from counterpulse.bed.channels import Wave
from counterpulse.bed.run import clock_of, run
from counterpulse.kernel import kernel
from counterpulse.pump.beat import RISE_AFTER_OPENING_S
from counterpulse.pump.control import control, start_pump
from counterpulse.pump.ping import FALL_BEFORE_PING_S
from counterpulse.pump.settings import SOURCE_DELAY_ms
from counterpulse.pump.timing import FALL_BEFORE_RISE_S
from counterpulse.signals.closed import LINE_MARK_S
from counterpulse.signals.sample import Source
from plans import settings_of, table

FS_HZ, SECONDS, FIRST_S = 1000.0, 80.0, 15.0
LEAST = 4  # falls, rises or waves that tell something of a patient
ROOM = 2000
QUARTILES_PER_SD = 1.349


@kernel
def watch(settings, pump, samples, falls, rises, waves):
    """Read samples again; rows of (mark or command, moment after it). Returns how many of each."""
    m, n, k = 0, 0, 0
    for i in range(len(samples)):
        c = pump.senses.closure
        lessons, number, over, mark, rise_s = pump.lessons, pump.beat_number, pump.ping.over, pump.beat_at, c.rise_s
        control(settings, pump, samples[i])
        if pump.lessons != lessons and m < len(falls):
            falls[m, 0], falls[m, 1] = pump.beat_at, c.steepest_s
            m += 1
        if pump.beat_number != number and rise_s >= 0.0 and n < len(rises):
            rises[n, 0], rises[n, 1] = mark, rise_s
            n += 1
        if pump.ping.over != 0 and over == 0 and pump.ping.rise_s >= 0.0 and k < len(waves):
            waves[k, 0], waves[k, 1] = pump.inflate_at, pump.ping.rise_s
            k += 1
    return m, n, k


def after(rows: Any, events: Any, least_s: float) -> float:
    """Median of the moments after the first event from `least_s` after each mark on, s; NaN with too few."""
    rows = rows[rows[:, 0] > FIRST_S * FS_HZ] if len(rows) else rows
    at = np.searchsorted(events, rows[:, 0] + least_s * FS_HZ)
    rows, at = rows[at < len(events)], at[at < len(events)]
    return float(np.median(rows[:, 1] - (events[at] - rows[:, 0]) / FS_HZ)) if len(rows) >= LEAST else np.nan


def seen(numbers: list[int], seed: int, source: int) -> list[Any]:
    """Fall, rise and wave of four drawn patients, s; those whose circulation is none are left out."""
    people = [drawn(seed, number) for number in numbers]
    for one in people:
        one.console = {"pressure_source": source, "source_delay_ms": SOURCE_DELAY_ms[source]}
    clock = clock_of(FS_HZ)
    trace = run(bed := bed_of(people, clock), clock, round(SECONDS * FS_HZ), kept=True)
    found = []
    for i, one in enumerate(people):
        twin = Wave(trace.signals[:, 2 * i + 1], trace.beat[:, 2 * i + 1], 1.0 / FS_HZ)
        if not np.isfinite(trace.signals[:, 2 * i]).all() or not lives(twin):
            continue
        ejected = np.array(ejections(twin)).reshape(-1, 2)
        settings = settings_of(one.size, **one.console)
        kept = [np.zeros((ROOM, 2)) for _ in range(3)]
        falls, rises, waves = (rows[:n] for rows, n in zip(kept, watch(settings, start_pump(settings, FS_HZ), np.ascontiguousarray(trace.samples[:, 2 * i]), *kept), strict=True))
        wave = float(np.median(waves[:, 1])) if len(waves) >= LEAST else np.nan
        found.append((after(falls, ejected[:, 1], 0.12), after(rises, ejected[:, 0], -0.09) - RISE_AFTER_OPENING_S, wave))
    del bed
    return found


def told(values: Any) -> str:
    """Median and spread, ms."""
    values = values[np.isfinite(values)]
    low, middle, high = 1000.0 * np.percentile(values, (25, 50, 75))
    return f"{middle:.0f} ± {(high - low) / QUARTILES_PER_SD:.0f} ({len(values)})"


def main() -> int:
    """Print a line a source."""
    numbers = [int(word) for word in sys.argv[1:]]
    count, seed = numbers[0] if numbers else 60, numbers[1] if len(numbers) > 1 else 20261124
    lines = []
    for source in (Source.LUMEN, Source.RADIAL, Source.FEMORAL):
        rows = np.array([row for first in range(0, count, 4) for row in seen(list(range(first, first + 4)), seed, int(source))])
        fall = rows[:, 0] + LINE_MARK_S
        now = f"{1000 * FALL_BEFORE_RISE_S[source]:.0f}, {1000 * FALL_BEFORE_PING_S[source]:.0f}"
        lines.append([source.name.lower(), told(rows[:, 0]), told(rows[:, 1] - fall), told(rows[:, 2] - fall), now])
    head = ["line, ms: median ± spread (patients)", "fall after closure", "rise less fall and mark (FALL_BEFORE_RISE_S)", "balloon's rise less fall and mark (FALL_BEFORE_PING_S)", "in the code"]
    print(table(head, lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
