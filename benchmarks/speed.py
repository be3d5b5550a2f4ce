"""How fast the circulation, the whole closed loop and one patient run, and which part of this core's FMA peak that is.

Each figure is simulated patient-seconds per second of one core's time (thread time, best of several), at the step that the halving test demands.
Peers of the field are timed beside it by benchmarks/peers.py, which calls this file. `--json` prints one object.

    python benchmarks/speed.py [--json]
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from counterpulse.bed.run import clock_of, driver, make_bed, make_trace
from counterpulse.bed.tick import ALONE, WATCHED
from counterpulse.body.gas import catheter
from counterpulse.body.lanes import LANES, buffer, stepper
from counterpulse.body.state import OF
from counterpulse.cohort.preset import load
from counterpulse.pump.settings import Settings

CHAINS = 16
PEAK = (
    "#include <stdio.h>\n#include <time.h>\ntypedef double v8 __attribute__((vector_size(64)));\nint main(void){ v8 m, c, "
    + ", ".join(f"a{i}" for i in range(CHAINS))
    + ";\nfor(int k=0;k<8;k++){ m[k]=0.999999999; c[k]=1e-9; "
    + " ".join(f"a{i}[k]=1.0+1e-9*{i};" for i in range(CHAINS))
    + " }\ndouble best=0; for(int rep=0;rep<5;rep++){ struct timespec t0,t1; long n=20000000; clock_gettime(CLOCK_THREAD_CPUTIME_ID,&t0);\n"
    + "for(long j=0;j<n;j++){ "
    + " ".join(f'a{i}=a{i}*m+c; __asm__ volatile("" : "+v"(a{i}));' for i in range(CHAINS))
    + " }\nclock_gettime(CLOCK_THREAD_CPUTIME_ID,&t1); double s=(t1.tv_sec-t0.tv_sec)+1e-9*(t1.tv_nsec-t0.tv_nsec);\n"
    + f"double g=2.0*8*{CHAINS}*n/s*1e-9; if(g>best) best=g; }}\n"
    + 'printf("%f\\n",best); return 0; }\n'
)

COUNT = """
import counterpulse.body.circulation as c
from counterpulse.body.state import Circulation, Constants
n = 0
class Counted(float):
    pass
def op(name):
    plain = getattr(float, name)
    def f(self, *rest):
        global n
        n += 1
        out = plain(float(self), *[float(x) for x in rest])
        return Counted(out)
    return f
for name in ("__add__", "__radd__", "__sub__", "__rsub__", "__mul__", "__rmul__", "__truediv__", "__rtruediv__"):
    setattr(Counted, name, op(name))
Counted.__neg__ = lambda self: Counted(-float(self))
Counted.__abs__ = lambda self: Counted(abs(float(self)))
c.step(Circulation(*[Counted(1.0)] * len(Circulation._fields)), Constants(*[Counted(1.0)] * len(Constants._fields)))
print(n)
"""


def peak_gflops():
    """This core's FMA peak by 16 independent chains in C; None where there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "peak.c"
        source.write_text(PEAK)
        subprocess.run([compiler, "-O3", "-march=native", "-ffast-math", "-funroll-loops", str(source), "-o", f"{folder}/peak"], check=True, capture_output=True)
        return float(subprocess.run([f"{folder}/peak"], check=True, capture_output=True, text=True).stdout)


def flops_a_step():
    """Additions, multiplications and divisions of one step, counted on the plain source."""
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    return int(subprocess.run([sys.executable, "-c", COUNT], check=True, capture_output=True, text=True, env=environment).stdout)


def wide_instructions():
    """Uses of 512-bit registers in the compiled loop over 8 lanes: 0 means that it fell off the cliff (or that this core has none).

    Counted in a process with a cache of its own, since code that comes from the cache cannot be inspected.
    """
    program = f"from counterpulse.body.lanes import stepper, buffer; f = stepper({LANES}); f(buffer({LANES}), 0); print(''.join(f.inspect_asm().values()).count('zmm'))"
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "COUNTERPULSE_CACHE": folder}
        return int(subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, env=environment).stdout)


def timed(work, simulated_s, repeats=5):
    """Best simulated seconds per second of this thread."""
    best = 0.0
    for _ in range(repeats):
        start = time.thread_time()
        work()
        best = max(best, simulated_s / (time.thread_time() - start))
    return best


def ready(lanes, fs_hz=1000.0, watched=True):
    """A settled bed of hf-shock patients, pump on; or the same patients without console and bedside."""
    preset, clock = load("hf-shock"), clock_of(fs_hz)
    bed = make_bed([preset.patient] * lanes, [catheter()] * lanes, [Settings()] * lanes, clock, [WATCHED if watched else ALONE] * lanes)
    drive, nothing = driver(lanes), make_trace(0, lanes)
    drive(bed, clock, nothing, round(20 * fs_hz))
    return bed, clock, drive, nothing


def looped(lanes, fs_hz, watched=True):
    """Patient-seconds a second of the loop at a rate of samples."""
    bed, clock, drive, nothing = ready(lanes, fs_hz, watched)
    n = round(20 * fs_hz)
    best = timed(lambda: drive(bed, clock, nothing, n), lanes * 20.0)
    assert np.isfinite(bed.w).all()
    return best


def measure():
    """All figures."""
    out = {}
    for lanes in (1, LANES):
        bed, clock, drive, nothing = ready(lanes)
        advance = stepper(lanes)
        n = 20_000 if lanes == LANES else 40_000
        physics = buffer(lanes)
        physics[:] = bed.w
        physics[[OF.atrial_step, OF.ventricular_step]] = 0.0  # nothing turns the heart's clock here: activation stays as it is
        out[f"circulation_{lanes}"] = timed(lambda: advance(physics, n * clock.substeps), lanes * n / 1000.0)
        out[f"closed_loop_{lanes}"] = timed(lambda: drive(bed, clock, nothing, n), lanes * n / 1000.0)
        out["substeps_a_ms"] = clock.substeps
        assert np.isfinite(bed.w).all()
    out["unwatched_8"] = looped(LANES, 1000.0, watched=False)
    out["closed_loop_8_500_Hz"], out["closed_loop_8_250_Hz"] = looped(LANES, 500.0), looped(LANES, 250.0)
    out["wide_instructions"] = wide_instructions()
    out["flops_a_step"] = flops_a_step()
    out["peak_gflops"] = peak_gflops()
    used = out[f"circulation_{LANES}"] * 1000.0 * out["substeps_a_ms"] * out["flops_a_step"] * 1e-9
    out["gflops"] = used
    out["share_of_peak"] = used / out["peak_gflops"] if out["peak_gflops"] else None
    return out


LINES = (
    ("circulation with balloon and gas, 8 lanes", "circulation_8", 25_000, 60_000),
    ("whole closed loop at 1 kHz, 8 lanes", "closed_loop_8", 12_000, 20_000),
    ("one patient, whole closed loop", "closed_loop_1", 2_000, 5_000),
)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    figures = measure()
    if parser.parse_args().json:
        print(json.dumps(figures))
        return
    print(f"{'patient-seconds per second and core':45s} {'measured':>10s} {'goal':>8s} {'aim':>8s}")
    for words, key, goal, aim in LINES:
        print(f"{words:45s} {figures[key]:10.0f} {goal:8d} {aim:8d}")
    for words, key in (("patients without a console, 8 lanes", "unwatched_8"), ("closed loop at 500 Hz", "closed_loop_8_500_Hz"), ("closed loop at 250 Hz", "closed_loop_8_250_Hz")):
        print(f"{words:45s} {figures[key]:10.0f}")
    print(f"{'circulation alone, one patient':45s} {figures['circulation_1']:10.0f}")
    print(f"\n{figures['substeps_a_ms']} steps a millisecond, {figures['flops_a_step']} floating-point operations a step, {figures['wide_instructions']} uses of 512-bit registers")
    if figures["peak_gflops"]:
        print(f"{figures['gflops']:.1f} of {figures['peak_gflops']:.1f} GFLOP/s: {100 * figures['share_of_peak']:.0f} % of this core's measured FMA peak")


if __name__ == "__main__":
    main()
