"""A fault-free hour of every preset: which alarms came, and how many of each priority. Prints a table; exits 1 if a high one came or two medium ones.

    python benchmarks/quiet_hour.py [--seconds 3600] [--mode automatic]
"""

import argparse
import sys
import time

from counterpulse.bed.run import clock_of, make_bed, run
from counterpulse.body.gas import catheter
from counterpulse.cohort.preset import load, names
from counterpulse.pump.alarms import ALARMS, Alarm, Priority
from counterpulse.pump.log import Kind, events
from counterpulse.pump.settings import Mode
from plans import patient_of, settings_of, table

FS = 250.0
PIECE_S = 60.0
LANES = 8


def settings_as_run(name, mode):
    """The console as `counterpulse run` sets it up for a preset."""
    preset = load(name)
    return settings_of(preset.catheter, **{**preset.pump, "mode": mode})


def hour(block, seconds, mode):
    """Alarms raised in a block of presets: one dict (alarm -> times) a preset, and the beds' pumps at the end."""
    clock = clock_of(FS)
    bed = make_bed([patient_of(name) for name in block], [catheter(load(name).catheter) for name in block], [settings_as_run(name, mode) for name in block], clock)
    raised, seen = [{} for _ in block], [0] * len(block)
    for _ in range(round(seconds / PIECE_S)):
        run(bed, clock, round(PIECE_S * FS))
        for i, pump in enumerate(bed.pump):
            new = int(pump.log.number) - seen[i]
            seen[i] = int(pump.log.number)
            for event in events(pump.log)[-new:] if new else []:
                if event.kind == Kind.ALARM_ON:
                    raised[i][event.code] = raised[i].get(event.code, 0) + 1
    return raised, bed.pump


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3600.0)
    parser.add_argument("--mode", default="semi_automatic")
    given = parser.parse_args()
    mode, rows, bad, start = Mode[given.mode.upper()], [], False, time.perf_counter()
    every = names()
    for first in range(0, len(every), LANES):
        block = (every[first : first + LANES] + every)[:LANES]
        raised, pumps = hour(block, given.seconds, mode)
        for name, alarms, pump in list(zip(block, raised, pumps, strict=True))[: len(every) - first]:
            count = {priority: sum(n for code, n in alarms.items() if ALARMS[Alarm(code)].priority == priority) for priority in Priority}
            bad = bad or count[Priority.HIGH] > 0 or count[Priority.MEDIUM] > 1
            said = ", ".join(f"{Alarm(code).name.lower()} {n} x" for code, n in sorted(alarms.items()))
            rows.append([name, count[Priority.HIGH], count[Priority.MEDIUM], count[Priority.LOW], int(pump.inflations), int(pump.books.fills), said])
    print(table(["preset", "high", "medium", "low", "inflations", "fills", "which"], [[str(cell) for cell in row] for row in rows]))
    print(f"{given.seconds:g} s each, mode {mode.name.lower()}, {time.perf_counter() - start:.0f} s in all")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
