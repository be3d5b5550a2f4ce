"""Cox, log-rank and Kaplan-Meier against R, lifelines, scikit-survival and statsmodels in one run: python benchmarks/stats_speed.py [--rounds 5]

Peers run in a virtual environment of their own under build/ (lifelines needs pandas below 3), R where Rscript is installed. Every task is timed in
alternating rounds on the same data, the least time of each counts, and ratios are printed: above 1 means that counterpulse is faster.
Ours counts everything a caller does: checking the columns, sorting, fitting, tests, residuals.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from counterpulse.stats.survival import Survival, cox, cox_zph, kaplan_meier, log_rank

FOLDER = Path("build/stats_speed")
R_CODE = """
suppressMessages(library(survival)); a <- commandArgs(TRUE); d <- read.csv(a[1]); k <- as.integer(a[2])
y <- Surv(d$time, d$event); x <- as.matrix(d[3]) * 1.0; rownames(x) <- seq_len(nrow(d)); ctl <- coxph.control(); names <- rownames(x)
least <- function(f) { f(); min(sapply(1:k, function(i) { s <- proc.time()[[3]]; m <- if (nrow(d) > 5000) 1 else 200; for (j in 1:m) f(); (proc.time()[[3]] - s) / m * 1000 })) }
f <- coxph(y ~ x)
out <- list(coxph.fit = least(function() coxph.fit(x, y, NULL, NULL, NULL, ctl, NULL, "efron", names)), coxph = least(function() coxph(y ~ x)),
  survdiff = least(function() survdiff(y ~ x)), survfit = least(function() survfit(y ~ 1)), cox.zph = least(function() cox.zph(f)), coefficient = format(coef(f)[[1]], digits = 12))
cat(paste0('{', paste0('"', names(out), '":', unlist(out), collapse = ','), '}'))
"""
PEER_CODE = """
import json, sys, time, warnings; warnings.filterwarnings("ignore")
import numpy as np, pandas as pd
d = pd.read_csv(sys.argv[1]); k = int(sys.argv[2]); small = len(d) < 5000
def least(f):
    f(); best = 1e9
    for _ in range(k):
        m = 20 if small else 1; s = time.perf_counter()
        for _ in range(m): f()
        best = min(best, (time.perf_counter() - s) / m * 1e3)
    return best
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.statistics import logrank_test
from sksurv.linear_model import CoxPHSurvivalAnalysis
from sksurv.nonparametric import kaplan_meier_estimator
from sksurv.compare import compare_survival
from sksurv.util import Surv
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.duration.survfunc import survdiff, SurvfuncRight
t, e, x = d.time.values, d.event.values, d.x.values; y = Surv.from_arrays(e == 1, t); g = x == 1
print(json.dumps({
 "lifelines cox": least(lambda: CoxPHFitter().fit(d, "time", "event")),
 "scikit-survival cox": least(lambda: CoxPHSurvivalAnalysis(ties="efron").fit(d[["x"]], y)),
 "statsmodels cox": least(lambda: PHReg(t, x, status=e, ties="efron").fit().summary()),
 "lifelines logrank": least(lambda: logrank_test(t[g], t[~g], e[g], e[~g])), "scikit-survival logrank": least(lambda: compare_survival(y, x)),
 "statsmodels logrank": least(lambda: survdiff(t, e, x)),
 "lifelines km": least(lambda: KaplanMeierFitter().fit(t, e)), "scikit-survival km": least(lambda: kaplan_meier_estimator(e == 1, t, conf_type="log-log")),
 "statsmodels km": least(lambda: SurvfuncRight(t, e).summary())}))
"""


def data(n: int, days: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    u = np.random.default_rng(n + days)
    x = (np.arange(n) % 2).astype(float)
    time_ = u.exponential(300, n) * np.exp(-0.3 * x)
    return (np.ceil(time_) if days else time_), (u.random(n) < 0.6).astype(float), x


def least(task, rounds: int, times: int) -> float:
    task()
    best = 1e9
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(times):
            task()
        best = min(best, (time.perf_counter() - start) / times * 1e3)
    return best


def ours(columns, rounds: int) -> dict[str, float]:
    t, e, x = columns
    times = 200 if len(t) < 5000 else 1
    survival = Survival(t, e)
    fit = cox(survival, x)
    return {
        "cox": least(lambda: cox(Survival(t, e), x), rounds, times),
        "logrank": least(lambda: log_rank(Survival(t, e), x), rounds, times),
        "km": least(lambda: kaplan_meier(Survival(t, e)), rounds, times),
        "zph": least(lambda: cox_zph(fit), rounds, times),
        "coefficient": float(fit.coefficients[0]),
    }


def peers_python() -> Path | None:
    given = os.environ.get("STATS_SPEED_PEERS")
    if given:
        return Path(given)
    home = Path("build/stats_speed_venv")
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "pandas<3", "lifelines", "scikit-survival", "statsmodels"], check=True)
    return python


def outside(command: list[str]) -> dict[str, float]:
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    if found.returncode:
        print("  not measured:", command[0], found.stderr.strip().splitlines()[-1:] or "")
        return {}
    return json.loads(found.stdout[found.stdout.index("{") :])


def least_of(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: min(run[name] for run in runs if name in run) for name in {key for run in runs for key in run}}


def measure(n: int, days: bool, rounds: int, python: Path | None) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    columns, path = data(n, days), FOLDER / f"{n}_{'day' if days else 'continuous'}.csv"
    np.savetxt(path, np.column_stack(columns), delimiter=",", header="time,event,x", comments="", fmt="%.17g")
    script = FOLDER / "speed.R"
    script.write_text(R_CODE)
    mine, r, python_peers = [], [], []
    for turn in range(rounds):  # alternate, so that a busy machine slows everyone alike
        mine.append(ours(columns, 5))  # as many as R gets
        if shutil.which("Rscript"):
            r.append(outside(["Rscript", "--vanilla", str(script), str(path), "5"]))
        if python and turn == 0:
            python_peers.append(outside([str(python), "-c", PEER_CODE, str(path), "2"]))
    best, rest = least_of(mine), least_of(r) | least_of(python_peers)
    print(f"\nn = {n:,}, {'days (ties)' if days else 'continuous times'}: ours in ms:", {k: round(v, 3) for k, v in best.items() if k != "coefficient"})
    task = {"coxph.fit": "cox", "coxph": "cox", "survdiff": "logrank", "survfit": "km", "cox.zph": "zph"}
    for name, value in sorted(rest.items()):
        kind = task.get(name, name.rsplit(" ", 1)[-1])
        if name != "coefficient":
            print(f"  {name:26} {value:10.3f} ms   ratio to ours {value / best[kind]:8.2f}   ({kind})")
    if "coefficient" in rest:
        print(f"  coefficient ours {best['coefficient']:.12g}, R's coxph {rest['coefficient']:.12g}")


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--rounds", type=int, default=5)
    reader.add_argument("--r-only", action="store_true", help="leave the Python peers out")
    asked = reader.parse_args()
    print(platform.platform(), platform.processor(), f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    python = None if asked.r_only else peers_python()
    for n in (101, 100_000):
        for days in (False, True):
            measure(n, days, asked.rounds, python)


if __name__ == "__main__":
    main()
