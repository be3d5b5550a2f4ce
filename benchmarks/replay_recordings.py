"""Scores of the pump along every real recording, as one table. `python benchmarks/replay_recordings.py [FOLDER]`."""

import os
import sys
import time
from pathlib import Path

from counterpulse.bed.replay import replay
from counterpulse.cli.replay.options import settings_from
from counterpulse.recordings.annotations import annotations
from counterpulse.recordings.channels import pick
from counterpulse.recordings.judge import judge
from counterpulse.recordings.open import open_recording
from counterpulse.recordings.samples import prepare

HEAD = "| record | ratio | beats | assisted | aborted | R 150 ms Se / PPV % | R 20 ms Se / PPV % | R known ms | notches | inflation mean ± SD ms | p95 ms | within 20 ms % | of own median % | early / correct / late |"


def row(file: Path, ratio: int) -> str:
    recording = open_recording(file)
    picked = pick(recording)
    prepared = prepare(picked)
    settings = settings_from({"ratio": ratio}, picked.source)
    replayed = replay(settings, prepared.samples, prepared.fs_hz)
    judged = judge(replayed, settings, prepared.start_s, annotations(recording)[0])
    r, notch = judged.against.get("r"), judged.against.get("inflation")
    seen = [beat for beat in judged.beats if beat.known_s is not None]
    cells = [recording.name, f"1:{ratio}", len(seen), sum(beat.inflate_s is not None for beat in seen), int(judged.times.aborted.sum())]
    cells += [shares(r["150_ms"]), shares(r["20_ms"]), f"{r['latency_ms']['p50']:.0f}"] if r else ["–"] * 3
    error = notch["error_ms"] if notch else {"n": 0}
    if error["n"]:
        cells += [error["n"], f"{error['mean']:+.1f} ± {error['sd']:.1f}", f"{error['p95']:.0f}", f"{100 * error['within_20_ms']:.0f}"]
        cells.append(f"{100 * notch['within_20_ms_of_median']:.0f}")
        cells.append(" / ".join(str(count) for count in notch["classes"].values()))
    else:
        cells += ["–"] * 6
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def shares(counts: dict) -> str:
    return " / ".join("–" if counts[key] is None else f"{100 * counts[key]:.2f}" for key in ("se", "ppv"))


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("COUNTERPULSE_RECORDINGS", "../shared/recordings"))
    print(HEAD + "\n|" + "---|" * HEAD.count(" | ") + "---|")
    began, seconds = time.perf_counter(), 0.0
    for file in sorted(folder.rglob("*.hea")):
        if file.stem.startswith("041s0"):
            continue  # segments of 041s
        for ratio in (1, 2) if "challenge" in str(file) else (1,):
            print(row(file, ratio))
            seconds += open_recording(file).duration_s
    print(f"\n{seconds:.0f} s of recordings in {time.perf_counter() - began:.1f} s.")


if __name__ == "__main__":
    main()
