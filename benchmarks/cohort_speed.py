"""Cohorts, goal against measured: python benchmarks/cohort_speed.py [PATIENTS]

Draws and calibrates, runs without and with the pump on one worker and on two, and prints core seconds a patient, what 10,000 patients would take on two
cores, scaling, and the largest memory of any process. Core seconds count; wall time and scaling are only worth reading on a quiet machine.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

from counterpulse.cohort.arms import arms_of
from counterpulse.cohort.engine import Crew
from counterpulse.cohort.make import Order, make
from counterpulse.cohort.run import run_cohort


def spent():
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def timed(work):
    wall, cpu = time.perf_counter(), spent()
    told = work()
    return told, time.perf_counter() - wall, spent() - cpu


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 256
    arms = arms_of("without,with")
    with tempfile.TemporaryDirectory() as place:
        folder, small = Path(place) / "cohort", Path(place) / "small"
        make(Order("altshock-2", 16, 2), small, Crew())  # emulator and kernels
        run_cohort(small, arms, Crew())
        _, warm, _ = timed(lambda: run_cohort(small, arms, Crew(), piece=8))
        _, cold, _ = timed(lambda: run_cohort(small, arms, Crew(2), piece=8))
        start = cold - warm / 2  # of two workers
        told, _, cpu = timed(lambda: make(Order("altshock-2", count, 1), folder, Crew()))
        print(f"draw and calibrate {count}: {1000 * cpu / count:.1f} core ms a patient; {100 * told['calibration']['within']:.1f} % within (goal 95 %)")
        one, wall_1, cpu_1 = timed(lambda: run_cohort(folder, arms, Crew(1)))
        print(f"run 2 arms, 1 worker: {1000 * cpu_1 / count:.1f} core ms a patient -> 10,000 on two cores {10_000 * cpu_1 / count / 2:.0f} s (goal 90 s)")
        seconds = one["certificate"]["simulated_seconds"]
        print(f"   {seconds / cpu_1:.0f} patient-seconds a core second, all included; {seconds / count / 2:.0f} s simulated a patient and arm; periodic {one['certificate']['periodic']} of {2 * count}")
        _, wall_2, _ = timed(lambda: run_cohort(folder, arms, Crew(2)))
        print(f"2 workers: wall {wall_2:.1f} s against {wall_1:.1f} s: {100 * wall_1 / wall_2 / 2:.0f} % of linear (goal 90 %) with their start, which takes {start:.1f} s whatever they do")
        whole = wall_1 * 10_000 / count
        print(f"   without it {100 * wall_1 / (wall_2 - start) / 2:.0f} %, so {100 * whole / 2 / (whole * (wall_2 - start) / wall_1 + start):.0f} % for 10,000 patients")
    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
    print(f"largest memory of a process: {most:.0f} MiB (goal 2048 for 100,000 patients)")


if __name__ == "__main__":
    main()
