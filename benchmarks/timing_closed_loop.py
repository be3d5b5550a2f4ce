"""Timing in the closed loop: every preset, AF, ectopics and a wrong source delay, against twins continued without inflation (CONTRACTS, Timing).

Usage: python benchmarks/timing_closed_loop.py [SECONDS] [--quick]

How hard the test is stands first: what the best line on the R-R before leaves of Q-to-closure, what a controller with the textbook's fixed intervals
(Weissler's regression, no learning) would score on the same beats, and what one that reads the true valve would.
"""

import sys

import numpy as np

from counterpulse.cohort.preset import names
from plans import table
from timing_rows import HEAD, Case, cells, events, ran, row

QS2_MS, PER_RATE_MS = 546.0, 2.1  # Weissler 1968, men (pump.md 3.7)
SOURCES = (("lumen", 1, 74.0), ("radial", 2, 175.0), ("femoral", 3, 120.0))


def hardness(one) -> list[str]:
    """SD left by the R-R fit, and shares within 20 ms of fixed intervals and of the true valve."""
    e = events(one)
    k = np.searchsorted(e["qrs"], e["closes"]) - 1
    good = k >= 11
    q, closes = e["qrs"][k[good]], e["closes"][good]
    rr, length = q - e["qrs"][k[good] - 1], closes - q
    left = length - np.polyval(np.polyfit(rr, length, 1), rr)
    book = QS2_MS - PER_RATE_MS * 60000.0 / rr - length
    return [one.case.name, f"{length.mean():.0f}", f"{left.std():.1f}", f"{100 * np.mean(np.abs(book) <= 20):.0f}", f"{100 * np.mean(np.abs(closes - closes) <= 20):.0f}"]


def cases(quick: bool) -> list[Case]:
    """All that is run."""
    if quick:
        return [Case("hf-shock"), Case("af")]
    plain = [Case(name) for name in names()]
    ectopic = [Case(name, patient={"ectopics_per_min": 10.0}) for name in ("hf-shock", "ami-shock")]
    late = [Case("hf-shock", console={"pressure_source": place, "source_delay_ms": delay}) for _, place, delay in SOURCES]
    return plain + ectopic + late


def main() -> int:
    """Print both tables in markdown."""
    numbers = [float(word) for word in sys.argv[1:] if not word.startswith("-")]
    runs = ran(cases("--quick" in sys.argv), numbers[0] if numbers else 310.0)
    print(table(["case", "Q to closure ms", "left by R-R ms", "fixed intervals, % within 20 ms", "true valve, %"], [hardness(one) for one in runs if not one.case.console]))
    print("\n" + table(HEAD, [cells(one.case.name, row(one)) for one in runs]))
    print("\n" + table(["after the first minute", *HEAD[1:]], [cells(one.case.name, row(one, 70.0)) for one in runs]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
