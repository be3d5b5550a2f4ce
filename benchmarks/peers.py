"""Our circulation beside the field's: haemflow-cl0, circulation and ModularCirc from PyPI, and scipy's LSODA on our own equations, in one run.

Each peer is installed into an environment of its own under the user's cache (some need an older numpy) and runs in a process of its own; a peer that cannot be
installed is named and left out. Figures are simulated seconds per second of one core's time; models differ in size, so states are printed beside them.

    python benchmarks/peers.py [--json]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

import numpy as np

HOME = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "counterpulse" / "peers"

HAEMFLOW = """
import time
from src import solve_system
g = {"period": 0.9, "ncycle": 200, "nstep": NSTEP}
solve_system(generic_params=g)
best = 0
for _ in range(3):
    t = time.thread_time(); solve_system(generic_params=g); best = max(best, 0.9 * 200 / (time.thread_time() - t))
print(best)
"""
CIRCULATION = """
import logging, time
logging.disable(logging.CRITICAL)
import circulation
m = circulation.regazzoni2020.Regazzoni2020()
t = time.thread_time(); m.solve(T=10.0, dt=1e-3, dt_eval=0.01); print(10.0 / (time.thread_time() - t))
"""
MODULAR = """
import contextlib, io, time, warnings
warnings.simplefilter("ignore")
from ModularCirc.Models.NaghaviModel import NaghaviModel, TEMPLATE_TIME_SETUP_DICT
from ModularCirc.Solver import Solver
cycles = 10
with contextlib.redirect_stdout(io.StringIO()):
    s = Solver(model=NaghaviModel({**TEMPLATE_TIME_SETUP_DICT, "ncycles": cycles, "dt": 1.0}, suppress_printing=True))
    s.setup(suppress_output=True, method="LSODA")
    t = time.thread_time(); s.solve(); spent = time.thread_time() - t
print(s.model.time_object.tcycle / 1000.0 * cycles / spent)
"""

PEERS = (
    ("haemflow-cl0 0.1.4, Fortran RK4, 1 ms", 22, ("numpy<2", "scipy", "haemflow-cl0==0.1.4"), HAEMFLOW.replace("NSTEP", "900")),
    ("haemflow-cl0 0.1.4, its default 0.45 ms", 22, ("numpy<2", "scipy", "haemflow-cl0==0.1.4"), HAEMFLOW.replace("NSTEP", "2000")),
    ("circulation 0.4.0, Regazzoni, Euler 1 ms", 12, ("numpy<2", "scipy", "circulation==0.4.0"), CIRCULATION),
    ("ModularCirc 0.3.0, Naghavi, LSODA", 10, ("numpy<2", "scipy", "ModularCirc==0.3.0"), MODULAR),
)


def environment(packages):
    """Path of a Python with these packages, made once; None where they cannot be installed."""
    folder = HOME / "-".join(packages[2:] or packages).replace("=", "").replace("<", "")
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        venv.create(folder, with_pip=True, clear=True)
        if subprocess.run([python, "-m", "pip", "install", "-q", *packages], capture_output=True).returncode:
            return None
        (folder / "ready").touch()
    return python


def run_peer(packages, program):
    """Simulated seconds per second, or the reason why not."""
    python = environment(packages)
    if python is None:
        return "could not be installed"
    with tempfile.TemporaryDirectory() as folder:  # some peers write where they run
        done = subprocess.run([python, "-c", program], capture_output=True, text=True, cwd=folder, env={**os.environ, "PYTHONPATH": ""})
    return float(done.stdout.split()[-1]) if done.returncode == 0 else f"failed: {done.stderr.strip().splitlines()[-1]}"


def lsoda():
    """scipy's LSODA at rtol 1e-6 on our own equations, balloon and gas included, right-hand side compiled: simulated seconds per second."""
    from scipy.integrate import solve_ivp

    from counterpulse.bed.run import clock_of, make_bed, run
    from counterpulse.body import build
    from counterpulse.body.gas import catheter
    from counterpulse.body.lanes import stepper
    from counterpulse.body.rhythm import advance, start_beat
    from counterpulse.body.state import AT, OF
    from counterpulse.cohort.preset import load
    from counterpulse.pump.settings import Settings

    preset, clock, tiny = load("hf-shock"), clock_of(1000.0), 1e-7
    bed = make_bed([preset.patient], [catheter()], [Settings()], clock)
    run(bed, clock, 20_000)
    w = bed.w.copy()
    build.refresh(w, 0, bed.patient[0], bed.tone[0], tiny)
    build.balloon_rows(w, 0, bed.catheter[0], 40.0, tiny)
    w[OF.atrial_step], w[OF.ventricular_step], w[OF.gas_lag] = 0.0, 0.0, tiny / 0.008
    beat, table = start_beat(preset.patient), []
    for _ in range(4000):
        advance(preset.patient, bed.tone[0], beat, 0.001)
        table.append((beat.atrial, beat.ventricular))
    table = np.array(table)[1000:]
    one, moving = stepper(1), OF.step_s
    target = (-float(bed.catheter[0].vacuum_mmHg), float(bed.catheter[0].drive_mmHg))

    def slope(t, y):
        w[:moving, 0] = y
        k = min(int(t * 1000.0), len(table) - 2)
        part = t * 1000.0 - k
        w[AT.atrial, 0], w[AT.ventricular, 0] = table[k] + part * (table[k + 1] - table[k])
        w[OF.gas_target] = target[int(t / 0.3) % 2]
        one(w, 1)
        new = w[:moving, 0] - y
        new[AT.atrial], new[AT.ventricular] = 0.0, 0.0
        new[AT.p_lv :] = 0.0
        return new / tiny

    start = w[:moving, 0].copy()
    slope(0.0, start)
    spent = time.thread_time()
    done = solve_ivp(slope, (0.0, 1.0), start, method="LSODA", rtol=1e-6, atol=1e-6, max_step=0.005)
    return 1.0 / (time.thread_time() - spent) if done.success else f"failed: {done.message}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    sys.path.insert(0, str(Path(__file__).parent))
    from counterpulse.body.state import AT
    from speed import measure

    ours, states = measure(), AT.p_lv
    rows = [(name, size, run_peer(packages, program)) for name, size, packages, program in PEERS]
    rows.append(("scipy LSODA rtol 1e-6, our equations, compiled slope", states, lsoda()))
    if as_json:
        print(json.dumps({"ours": ours, "peers": [{"name": name, "states": size, "speed": value} for name, size, value in rows]}))
        return
    print(f"{'simulated seconds per second of one core':55s} {'states':>6s} {'speed':>10s} {'ours, 8 lanes':>14s} {'ours, alone':>12s}")
    print(f"{'counterpulse, circulation with balloon and gas, 8 lanes':55s} {states:6d} {ours['circulation_8']:10.0f}")
    print(f"{'counterpulse, the same alone':55s} {states:6d} {ours['circulation_1']:10.0f}")
    print(f"{'counterpulse, whole closed loop, 8 lanes':55s} {states:6d} {ours['closed_loop_8']:10.0f}")
    for name, size, value in rows:
        if isinstance(value, str):
            print(f"{name:55s} {size:6d} {value}")
        else:
            print(f"{name:55s} {size:6d} {value:10.1f} {ours['circulation_8'] / value:12.0f} x {ours['circulation_1'] / value:10.1f} x")


if __name__ == "__main__":
    main()
