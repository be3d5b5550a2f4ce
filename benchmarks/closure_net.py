"""Makes `signals/data/closure_nets.toml`: two small nets found on drawn patients by plain gradient descent (Adam, Kingma 2015), and how good they are on others.

Usage: python benchmarks/closure_net.py [--patients 640] [--apart 80] [--write]

One layer of terms bent by x / (1 + |x|), so that a kernel gives the same bits compiled or not, and their weighted sum. Every patient counts once; the rows of
`signals.uneven` by how near they lie to where the console has to decide. The presets are not used. The pump that runs while the patients are watched is the
console as it stands, so that a second run does not give the same digits.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from closure_patients import population
from closure_shown import Shown, shown_of
from counterpulse.signals.closure import STEP_S
from counterpulse.signals.closure_nets import BELIEVED, HIDDEN
from counterpulse.whole import whole_file
from plans import table

NEAR_S, FAR_COUNTS = 0.025, 0.05  # SD of what rows count about the horizon before closure, and what the others count
UNIT_S, MARK_UNIT_S = 0.03, 0.008  # of the answers while they are looked for
DRAWN_ROWS, BATCH, ROUNDS = 150_000, 500, 40
PACE, LAST_PACE, DECAY = 4e-3, 2e-4, 2e-4
ODD = 1.5  # units: an error beyond it counts by its size, not its square (Huber 1964)
LEAST_FALLS, LEAST_DECIDED = 5, 30  # beats of a patient that counts
SEED, APART_SEED, PATIENTS, APART, SECONDS = 20261121, 20261122, 640, 80, 100.0
TABLE = Path(__file__).parent.parent / "src" / "counterpulse" / "signals" / "data" / "closure_nets.toml"


@dataclass
class Net:
    """As in `signals.closure_nets`."""

    centre: Any
    scale: Any
    layer: Any  # terms x (inputs + 1)
    out: Any  # what the terms weigh, and a constant behind; s

    def terms(self, inputs: Any) -> Any:
        """The bent sums."""
        total = self.shown(inputs) @ self.layer.T
        return total / (1.0 + np.abs(total))

    def shown(self, inputs: Any) -> Any:
        """The inputs in their scale, and a one."""
        return np.c_[np.clip((inputs - self.centre) / self.scale, -BELIEVED, BELIEVED), np.ones(len(inputs))]

    def says(self, inputs: Any) -> Any:
        """What the net says, s."""
        return self.terms(inputs) @ self.out[:-1] + self.out[-1]


def chances(patients: list[Shown]) -> Any:
    """How often each row is drawn."""
    found = []
    for one in patients:
        near = np.exp(-0.5 * ((one.late_s - one.time_s) / NEAR_S) ** 2) + FAR_COUNTS
        found.append(near / near.sum())
    return np.concatenate(found) / len(patients)


def trained(patients: list[Shown], seed: int) -> Net:
    """The net that says closure from the rows of these patients."""
    return found([one.inputs for one in patients], [one.late_s for one in patients], chances(patients), UNIT_S, seed)


def trained_mark(patients: list[Shown], seed: int) -> Net:
    """The net that says how far closure lies from the fall."""
    told = [one for one in patients if len(one.off_s) >= LEAST_FALLS]
    even = np.concatenate([np.full(len(one.off_s), 1.0 / len(one.off_s)) for one in told]) / len(told)
    return found([one.falls for one in told], [one.off_s for one in told], even, MARK_UNIT_S, seed)


def found(inputs: Any, answers: Any, counts: Any, unit_s: float, seed: int) -> Net:
    """A net for rows drawn as they count."""
    r = np.random.default_rng(seed)
    some = r.choice(len(counts), DRAWN_ROWS, p=counts)
    x, y = np.concatenate(inputs)[some], np.concatenate(answers)[some]
    net = Net(x.mean(0), x.std(0) + 1e-6, r.normal(0.0, 1.0, (HIDDEN, x.shape[1] + 1)) / np.sqrt(x.shape[1]), np.r_[r.normal(0.0, 0.3, HIDDEN), 0.0])
    descend([net.layer, net.out], net.shown(x), y / unit_s, r)
    net.out *= unit_s
    return net


def descend(parts: list[Any], x: Any, y: Any, r: Any) -> None:
    """Adam over ROUNDS passes, the pace falling evenly on a logarithmic scale; the arrays of `parts` are changed in place."""
    first, second = [np.zeros_like(part) for part in parts], [np.zeros_like(part) for part in parts]
    steps, t = ROUNDS * (len(y) // BATCH), 0
    for _ in range(ROUNDS):
        order = r.permutation(len(y))
        for start in range(0, len(y) - BATCH + 1, BATCH):
            t += 1
            rows = order[start : start + BATCH]
            pace = PACE * (LAST_PACE / PACE) ** (t / steps)
            for i, slope in enumerate(slopes(parts, x[rows], y[rows])):
                first[i] += 0.1 * (slope + DECAY * parts[i] - first[i])
                second[i] += 0.001 * ((slope + DECAY * parts[i]) ** 2 - second[i])
                parts[i] -= pace * first[i] / (1.0 - 0.9**t) / (np.sqrt(second[i] / (1.0 - 0.999**t)) + 1e-8)


def slopes(parts: list[Any], x: Any, y: Any) -> tuple[Any, Any]:
    """Of the mean loss along both layers."""
    layer, out = parts
    total = x @ layer.T
    bent = total / (1.0 + np.abs(total))
    error = np.clip(bent @ out[:-1] + out[-1] - y, -ODD, ODD) / len(y)
    back = error[:, None] * out[:-1] / (1.0 + np.abs(total)) ** 2
    return back.T @ x, np.r_[bent.T @ error, error.sum()]


def decided(net: Net, one: Shown) -> Any:
    """Errors of a patient's beats where the console decides, once the offset of his rows near the horizon is known; s."""
    near = np.abs(one.late_s - one.time_s) < NEAR_S
    says = net.says(one.inputs)
    says += np.median((one.late_s - says)[near])
    errors = []
    for b in np.unique(one.beat):
        rows = np.flatnonzero(one.beat == b)
        stop = rows[says[rows] <= one.time_s[rows] + 0.5 * STEP_S]
        at = stop[0] if len(stop) else rows[-1]
        errors.append(max(says[at], one.time_s[at]) - one.late_s[at])
    return np.array(errors)


def numbers(values: Any, unit: float = 1.0) -> str:
    """A list in TOML."""
    return "[" + ", ".join(f"{unit * value:.5g}" for value in np.ravel(values)) + "]"


def section(name: str, net: Net) -> list[str]:
    """The lines of a net."""
    head = [f"[{name}]", f"centre = {numbers(net.centre)}", f"scale = {numbers(net.scale)}", "layer = ["]
    return [*head, *(f"  {numbers(term)}," for term in net.layer), "]", f"out_ms = {numbers(net.out, 1000.0)}"]


def main() -> int:
    """Draw, fit, print how good the nets are on patients drawn apart, and, if asked, write the table."""
    number = lambda key, other: int(sys.argv[sys.argv.index(key) + 1]) if key in sys.argv else other  # noqa: E731
    asked = number("--patients", PATIENTS)
    seen = population(SEED, asked, SECONDS)
    people, apart = ([one for one in (shown_of(who, SEED) for who in some) if one is not None] for some in (seen, population(APART_SEED, number("--apart", APART), SECONDS)))
    net, mark = trained(people, SEED), trained_mark(people, SEED)
    errors = [one for one in (decided(net, who) for who in people) if len(one) >= LEAST_DECIDED]
    spread = float(np.median([one.std() for one in errors]))
    others = [one for one in (decided(net, who) for who in apart) if len(one) >= LEAST_DECIDED]
    left = [1000.0 * np.median(one.off_s - mark.says(one.falls)) for one in apart if len(one.off_s) >= LEAST_FALLS]
    rows = [["closure: SD within a patient", *(f"{1000.0 * value:.1f}" for value in np.percentile([one.std() for one in others], [25, 50, 75, 95]))]]
    rows += [["mark: mean of a patient", *(f"{value:+.1f}" for value in np.percentile(left, [5, 25, 75, 95]))]]
    print(table(["patients apart, ms", "25 % (mark: 5)", "50 % (25)", "75 % (75)", "95 % (95)"], rows))
    if "--write" in sys.argv:
        words = f"# Made by benchmarks/closure_net.py --write: seed {SEED}, {len(seen)} of {asked} drawn patients lived, {SECONDS:g} s each.\n"
        lines = [*section("uneven", net), f"spread_ms = {1000.0 * spread:.4g}", "", *section("mark", mark), ""]
        with whole_file(TABLE) as file:
            file.write_text(words + "# They say something of simulated people, little of real ones.\n\n" + "\n".join(lines), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
