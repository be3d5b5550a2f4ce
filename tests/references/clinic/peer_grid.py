"""Our SCAI-CSWG rule beside the rules of the open tool PV-One v3 over a full grid of inputs: how often they differ, and over what.

The peer's rules are restated here from reading them (github.com/JO92-ui/PV-one-v3, lib/logic.js); no code was taken over. Run as a script for
the table; `test_peer.py` holds its figures.
"""

from collections import Counter
from itertools import product

import polars as pl

from counterpulse.clinic.staging import stage_frame

GRID = {
    "sbp_mmHg": [55.0, 75.0, 95.0, 120.0], "map_mmHg": [45.0, 60.0, 80.0], "lactate_mmol_L": [1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 12.0], "alt_U_L": [30.0, 200.0, 300.0, 500.0, 800.0],
    "ph": [7.15, 7.25, 7.4], "drugs": [0.0, 1.0, 2.0, 3.0], "devices": [0.0, 1.0, 2.0], "ohca": [False],
}


def peer(row, *, prior_therapy):
    """The peer's letter: severe limits include 10, mild ones exclude 2 and 200 (but not for B), pH below 7.30 counts, new therapy turns D into C."""
    mild = 60 <= row["sbp_mmHg"] < 90 or 50 <= row["map_mmHg"] < 65
    collapse = row["sbp_mmHg"] < 60 or row["map_mmHg"] < 50
    poor = row["lactate_mmol_L"] > 2 or row["ph"] < 7.30 or row["alt_U_L"] > 200
    grave = row["lactate_mmol_L"] >= 5 or row["alt_U_L"] >= 500
    total = row["drugs"] + row["devices"]
    if collapse or row["lactate_mmol_L"] >= 10 or row["ph"] <= 7.20 or row["drugs"] >= 3 or row["devices"] >= 3 or row["ohca"]:
        return "E"
    if total >= 5 or (mild and grave):
        return "D"
    if total >= 2 or (total == 1 and (mild or poor)):
        return "D" if prior_therapy else "C"
    if total == 1 or (mild and poor):
        return "C"
    return "B" if mild or 2 <= row["lactate_mmol_L"] < 5 or 200 <= row["alt_U_L"] < 500 else "A"


def reason(row, prior_therapy):
    """Why the two differ in a row."""
    hypotension = 60 <= row["sbp_mmHg"] < 90 or 50 <= row["map_mmHg"] < 65
    total = row["drugs"] + row["devices"]
    if not prior_therapy and total >= 1 and row["ours"] == "D":
        return "peer turns D into C when the therapy is new"
    if total == 0 and not hypotension and (row["lactate_mmol_L"] >= 5 or row["alt_U_L"] > 500 or row["alt_U_L"] == 500):
        return "isolated severe hypoperfusion: peer says A (or B), we say C or B"
    if row["lactate_mmol_L"] == 10:
        return "lactate exactly 10: peer E, we D or C"
    if row["ph"] == 7.25:
        return "pH 7.25 counts as hypoperfusion in the peer"
    return "boundary 2, 200 or 500 read differently"


def differences():
    """Rows of the grid, and for new and for earlier therapy: how many differ, and why."""
    rows = [dict(zip(GRID, values, strict=True)) for values in product(*GRID.values())]
    ours = stage_frame(pl.DataFrame(rows))["stage"].to_list()
    found = {}
    for prior in (True, False):
        pairs = [(row | {"ours": mine}, peer(row, prior_therapy=prior)) for row, mine in zip(rows, ours, strict=True)]
        apart = [(row, theirs) for row, theirs in pairs if row["ours"] != theirs]
        lower = sum(theirs < row["ours"] for row, theirs in apart)
        found[prior] = {"rows": len(rows), "apart": len(apart), "peer_lower": lower, "why": Counter(reason(row, prior) for row, _ in apart)}
    return found


if __name__ == "__main__":
    for prior, item in differences().items():
        print(f"{'therapy running before' if prior else 'therapy new'}: {item['apart']} of {item['rows']} rows differ, the peer is lower in {item['peer_lower']}")  # noqa: T201
        for why, count in item["why"].most_common():
            print(f"  {count:6}  {why}")  # noqa: T201
