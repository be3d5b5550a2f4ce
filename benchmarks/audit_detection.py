"""How often the audit finds a planted error, and how often it accuses a clean paper.

    python benchmarks/audit_detection.py [clean papers] [papers per kind of error]

Papers are made up from seeds (tests/unit/evidence/made_papers.py). A planted error counts as found when a finding of kind inconsistent,
not_reproducible or other_test names a row it touched
and is not there in the same paper without the error. Kinds have a least size, named in their docstrings; smaller slips round away.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "unit" / "evidence"))

from made_papers import PLANTS, clean, planted

from counterpulse.evidence.audit import audit
from counterpulse.evidence.paper import build

COUNTED = ("inconsistent", "not_reproducible", "other_test")


def accusations(raw):
    return {(finding.id, finding.sentence) for finding in audit(build(raw)).findings if finding.kind in COUNTED}


def detected(seed, raw, touched):
    fresh = accusations(raw) - accusations(clean(seed))
    return any(name.startswith(row) for name, _ in fresh for row in touched)


def main(papers, each):
    start = time.perf_counter()
    audits = [audit(build(clean(seed))) for seed in range(papers)]
    accused = [(seed, finding) for seed, found in enumerate(audits) for finding in found.wrong]
    other = sum(found.counts["other_test"] > 0 for found in audits)
    items = sum(len(found.items) for found in audits) / papers
    print(f"clean papers: {papers}, about {items:.0f} items each; false findings inconsistent or not_reproducible: {len(accused)}; "
          f"papers with an other_test: {other} ({time.perf_counter() - start:.0f} s)")
    for seed, finding in accused[:20]:
        print(f"  seed {seed} [{finding.kind}] {finding.id}: {finding.sentence} ({finding.arithmetic})")
    print(f"{'planted error':<20}{'papers':>8}{'found':>8}{'share':>8}")
    for plant in PLANTS:
        made, seed = [], 0
        while len(made) < each and seed < 20 * each:
            one = planted(100_000 + seed, plant)
            if one:
                made.append((100_000 + seed, *one))
            seed += 1
        hits = sum(detected(*one) for one in made)
        print(f"{plant.__name__:<20}{len(made):>8}{hits:>8}{hits / max(len(made), 1):>8.3f}")


if __name__ == "__main__":
    given = [int(value) for value in sys.argv[1:]]
    main(*(given + [1000, 200][len(given):]))
