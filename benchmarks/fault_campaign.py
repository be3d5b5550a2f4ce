"""Random faults on random patients: safe state in all, every fault alarmed within its limit, no alarm for what is not there.

python benchmarks/fault_campaign.py [HOW_MANY] [SEED]     results are added to out/fault-campaign/SEED.jsonl; what is there already is not run again.
Cases that fail are written beside it as scenario files, to be played again with `counterpulse scenario FILE`.
"""

import hashlib
import json
import multiprocessing
import os
import sys
from collections import Counter
from dataclasses import asdict
from itertools import chain
from pathlib import Path

from rich.progress import track
from scipy.stats import binomtest

from counterpulse.cohort import campaign as judgement
from counterpulse.cohort.campaign import LANES, Judged, draw_case, run_block
from counterpulse.cohort.scenario import write_scenario
from counterpulse.kernel import source_hash as kernels_hash

FOLDER = Path("out") / "fault-campaign"
CRASHED = "crashed"


def source_hash():
    """Of all that a verdict hangs on: the kernels and the judgement itself."""
    return kernels_hash() + hashlib.sha256(Path(judgement.__file__).read_bytes()).hexdigest()[:8]


def block(task):
    """Judge a block of cases of one sampling rate; a crash is a verdict too."""
    seed, numbers = task
    cases = [draw_case(seed, number) for number in numbers]
    try:
        return [asdict(one) for one in run_block(cases)]
    except Exception as problem:  # noqa: BLE001  whatever it is, it is counted and the campaign goes on
        return [asdict(Judged(one.number, unsafe={CRASHED: 0}, missed=[f"{type(problem).__name__}: {problem}"])) for one in cases]


def done_before(file):
    """Numbers that an earlier run of the same code has judged; a last line cut short does not count."""
    results = {}
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        try:
            one = json.loads(line)
        except ValueError:
            continue
        if one.pop("source") == source_hash():
            results[one["number"]] = one
    return results


def tasks_left(how_many, seed, done):
    """Blocks of what is not done: a block that was cut short by a smaller count, or by a stop, is only filled up."""
    blocks = ([number for number in range(first, min(first + LANES, how_many)) if number not in done] for first in range(0, how_many, LANES))
    return [(seed, numbers) for numbers in blocks if numbers]


def end_line(file):
    """A line that a stop has cut short would swallow the next one."""
    text = file.read_bytes() if file.exists() else b""
    if text and not text.endswith(b"\n"):
        file.write_bytes(text + b"\n")


def failed(one):
    return one["unsafe"] or one["missed"] or one["false"]


def campaign(how_many, seed, quiet=False):
    """Judge cases 0 to `how_many` of a seed; resumes what an earlier run began."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / f"{seed}.jsonl"
    results = done_before(file)
    end_line(file)
    tasks = tasks_left(how_many, seed, results)
    first = [block(task) for task in tasks[:1]]  # compiles before the others start
    tasks = tasks[1:]
    with multiprocessing.get_context("spawn").Pool(min(os.cpu_count() or 1, max(len(tasks), 1))) as pool, file.open("a", encoding="utf-8") as out:
        for found in track(chain(first, pool.imap_unordered(block, tasks)), "faults", len(first) + len(tasks), disable=quiet):
            for one in found:
                results[one["number"]] = one
                out.write(json.dumps({**one, "source": source_hash()}) + "\n")
                if failed(one):
                    write_scenario(FOLDER / f"{seed}-{one['number']}.toml", draw_case(seed, one["number"]).scenario)
            out.flush()
    return [results[number] for number in range(how_many)]


def tell(results):
    counts = {
        "safe state broken": Counter(name for one in results for name in one["unsafe"]),
        "faults without their alarm": Counter(text.split()[0] for one in results for text in one["missed"]),
        "alarms without a fault": Counter(text.split()[0] for one in results for text in one["false"]),
        "alarms of the first 10 s": Counter(name for one in results for name in one.get("at_start", [])),
        "faults that could not show": Counter(name for one in results for name in one["masked"]),
    }
    answered = [row for one in results for row in one["answered"]]
    bad = sum(1 for one in results if failed(one))
    rate = binomtest(bad, len(results)).proportion_ci(method="exact")
    print(f"{len(results)} scenarios, {bad} failed (95 % interval {100 * rate.low:.2f} to {100 * rate.high:.2f} %, Clopper-Pearson),", end=" ")
    print(f"{len(answered)} faults alarmed within their limit")
    for name, found in counts.items():
        print(f"{name}: {sum(found.values())}  " + ", ".join(f"{key} {n}" for key, n in found.most_common()))


if __name__ == "__main__":
    results = campaign(int(sys.argv[1]) if len(sys.argv) > 1 else 400, int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    tell(results)
