"""Fit to every recording with a steady stretch, goal against measured: python benchmarks/cohort_recordings.py [FOLDER]  (all are listed, refused ones with the reason)"""

import os
import sys
from pathlib import Path

from counterpulse.cli.fit.recorded import Reading, traced
from counterpulse.refusal import RefusalError

GOAL_mmHg = 3.0
folder = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("COUNTERPULSE_RECORDINGS") or "../shared/recordings")
names = sorted(path.with_suffix("") for path in folder.rglob("*.hea") if "mitdb" not in path.parts and "_" not in path.stem)
print("| recording | beats averaged | rate | RMS, mmHg | goal 3 | line: delay ms, Hz, damping | from | s |\n|---|---|---|---|---|---|---|---|")
for name in names:
    if name.stem.startswith("041s0"):
        continue
    try:
        found, stretch = traced(Reading(recording=str(name), start=10.0, stop=60.0))
    except RefusalError as refusal:
        print(f"| {name.stem} | refused: {refusal} | | | | | | |", flush=True)
        continue
    line, beat = found.line, found.beat
    told = f"{1000 * line['delay_s']:.0f}, {line['natural_Hz']:.1f}, {line['damping']:.2f}"
    verdict = "hit" if found.rms_mmHg <= GOAL_mmHg else "miss"
    print(f"| {name.stem} | {beat.beats} of {beat.of} | {60 / beat.rr_s:.0f} | {found.rms_mmHg:.2f} | {verdict} | {told} | {found.preset.name} | {found.seconds:.1f} |", flush=True)
