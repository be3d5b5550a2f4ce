"""What a first start costs: core seconds of the first picture without and with compiled code in the cache, and how much code the closed loop is.

Each start is a process of its own; the first has an empty cache. Core seconds, so that other work on the machine counts little. `--json` prints one object.

    python benchmarks/first_start.py [--json]
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

COMMAND = "run hf-shock --seconds 5 --no-certify --json"
GOAL_S = 60.0
LOOP = """
import pickle, sys
from counterpulse.bed.run import driver
driver(int(sys.argv[2]))
machine_code, _ = pickle.load(open(sys.argv[1], "rb"))[0][2]
print(len(machine_code))
"""


def core_s(environment):
    """Core seconds of one start."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "counterpulse", *COMMAND.split()], check=True, capture_output=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def loop_kB(folder, environment):
    """Size of the closed loop's object file, its constants and symbols included."""
    made = max(Path(folder).rglob("drive_*.nbc"), key=lambda file: file.stat().st_size)
    lanes = made.name.split("_")[1]
    told = subprocess.run([sys.executable, "-c", LOOP, made, lanes], check=True, capture_output=True, text=True, env=environment)
    return int(told.stdout) / 1000.0


def measure():
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "COUNTERPULSE_CACHE": folder}
        return {"first_core_s": core_s(environment), "again_core_s": core_s(environment), "loop_kB": loop_kB(folder, environment)}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    found = measure()
    if parser.parse_args().json:
        print(json.dumps(found))
        return
    print(f"first start, empty cache   {found['first_core_s']:6.1f} core s (goal {GOAL_S:.0f})")
    print(f"again                      {found['again_core_s']:6.1f} core s")
    print(f"closed loop, object file   {found['loop_kB']:6.0f} kB")


if __name__ == "__main__":
    main()
