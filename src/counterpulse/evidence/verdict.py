"""What an audit says: items (one printed value, one verdict) and findings (one sentence with its arithmetic).

Verdicts: `reproduced`, `other_test` (only by a test that the paper's own rule does not name), `not_reproducible`, `inconsistent`,
`not_checkable`. A finding's kind is one of these or `note`: something a reader should know that contradicts nothing printed.
"""

from typing import NamedTuple

REPRODUCED = "reproduced"
OTHER_TEST = "other_test"
NOT_REPRODUCIBLE = "not_reproducible"
INCONSISTENT = "inconsistent"
NOT_CHECKABLE = "not_checkable"
NOTE = "note"
VERDICTS = (REPRODUCED, OTHER_TEST, NOT_REPRODUCIBLE, INCONSISTENT, NOT_CHECKABLE)
WRONG = (NOT_REPRODUCIBLE, INCONSISTENT)


class Item(NamedTuple):
    """One printed value: what was recomputed, by which test, and whether they agree. A sentence makes it a finding too."""

    id: str
    check: str
    printed: str
    recomputed: str
    verdict: str
    test: str
    arithmetic: str = ""
    sentence: str = ""


class Finding(NamedTuple):
    """One sentence about what does not fit or is not said, with the arithmetic that shows it."""

    id: str
    kind: str
    sentence: str
    arithmetic: str
