"""The audit of a published trial against its own numbers: every check run over one paper, as items, findings and JSON.

Knows no paper: everything comes from PAPER.toml. A finding is a reason to ask the authors, not a judgement of them.
"""

from collections import Counter
from types import ModuleType
from typing import Any, NamedTuple

from counterpulse.evidence.checks import (
    agreement,
    allocation,
    dates,
    denominators,
    percentages,
    populations,
    proportions,
    ratios,
    sample_size,
    statements,
    subgroups,
    summaries,
    totals,
)
from counterpulse.evidence.paper import Paper
from counterpulse.evidence.verdict import VERDICTS, WRONG, Finding, Item

CHECKS: tuple[ModuleType, ...] = (
    proportions,
    denominators,
    populations,
    percentages,
    ratios,
    subgroups,
    summaries,
    agreement,
    totals,
    allocation,
    sample_size,
    dates,
    statements,
)


class Audit(NamedTuple):
    """Everything found in one paper."""

    paper: Paper
    items: tuple[Item, ...]
    findings: tuple[Finding, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Items by verdict; all five verdicts are there."""
        tally = Counter(item.verdict for item in self.items)
        return {verdict: tally[verdict] for verdict in VERDICTS}

    def tally(self, check: str) -> dict[str, int]:
        """Items of one check by verdict."""
        tally = Counter(item.verdict for item in self.items if item.check == check)
        return {verdict: tally[verdict] for verdict in VERDICTS if tally[verdict]}

    @property
    def wrong(self) -> tuple[Finding, ...]:
        """Findings that contradict the print: inconsistent or not reproducible."""
        return tuple(finding for finding in self.findings if finding.kind in WRONG)

    def as_dict(self) -> dict[str, Any]:
        """The audit as JSON holds it (CONTRACTS: items, counts, findings)."""
        checks = dict.fromkeys(item.check for item in self.items)
        return {
            "paper": {"id": self.paper.id, "title": self.paper.title, "doi": self.paper.doi or None},
            "items": [_item(item) for item in self.items],
            "counts": self.counts,
            "by_check": {check: self.tally(check) for check in checks},
            "findings": [finding._asdict() for finding in self.findings],
        }


def audit(paper: Paper) -> Audit:
    """Run every check over a paper. Raises RefusalError where the paper's data cannot be read as numbers."""
    items: list[Item] = []
    findings: list[Finding] = []
    for check in CHECKS:
        for entry in check.check(paper):
            if isinstance(entry, Finding):
                findings.append(entry)
                continue
            items.append(entry)
            if entry.sentence:
                findings.append(Finding(entry.id, entry.verdict, entry.sentence, entry.arithmetic))
    return Audit(paper, tuple(items), tuple(findings))


def _item(item: Item) -> dict[str, Any]:
    row: dict[str, Any] = item._asdict()
    row.pop("sentence")
    return {key: value if value != "" else None for key, value in row.items()}

