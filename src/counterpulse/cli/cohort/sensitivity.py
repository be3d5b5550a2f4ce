"""`cohort sensitivity`: options, one progress bar, words or JSON. Knows order and words only."""

import json
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from counterpulse.cli.cohort.command import Working, bar, crew_of, plain
from counterpulse.refusal import RefusalError


def sensitivity(
    folder: Annotated[Path, Parameter(help="folder that `cohort draw` made")],
    /,
    *,
    trajectories: Annotated[int, Parameter(help="walks through the parameters' ranges, 4 to 1000; each is one patient more than there are parameters")] = 24,
    seed: Annotated[int, Parameter(help="seed of the walks, 0 to 4294967295")] = 1,
    out: Annotated[Path | None, Parameter(help="folder for report.html and sensitivity.json (default out/sensitivity-NAME)")] = None,
    working: Annotated[Working | None, Parameter(name="*", group="Work")] = None,
) -> int:
    """Tell which parameters of a patient decide what the pump does, over the ranges of a cohort (Morris screening, SALib); goes on where it was stopped.

    Research and education only: not a medical device, not for patient care.
    """
    if not 4 <= trajectories <= 1000:
        raise RefusalError(f"--trajectories is {trajectories}; it must lie in 4 to 1000.")
    if not 0 <= seed < 2**32:
        raise RefusalError(f"--seed is {seed}; it must lie in 0 to {2**32 - 1}.")
    working = working or Working()
    crew = crew_of(working)
    from counterpulse.cohort.sensitivity import Question, factors_of, of_one_rhythm, screen
    from counterpulse.cohort.store import read_patients
    from counterpulse.report.sensitivity_page import sensitivity_page, words
    from counterpulse.whole import check_ours, whole_folder

    target = out or (None if working.as_json else Path("out") / f"sensitivity-{folder.name}")
    if target is not None:
        check_ours(target)
    total = trajectories * (len(factors_of(of_one_rhythm(read_patients(folder)[1]))) + 1)
    with bar("Screening", total, quiet=working.as_json) as tell:
        found = plain(screen(folder, Question(trajectories, seed), crew, tell))
    if target is not None:
        with whole_folder(target) as draft:
            (draft / "report.html").write_text(sensitivity_page(found), encoding="utf-8")
            (draft / "sensitivity.json").write_text(json.dumps(found, allow_nan=False), encoding="utf-8")
    print(json.dumps(found, allow_nan=False) if working.as_json else words(found, target))  # noqa: T201
    return 0
