"""Records of PhysioNet by their name there (`mitdb/100`), fetched through wfdb where there is a network. Keeps no copy."""

import re
import warnings
from pathlib import Path

from counterpulse.recordings import wfdb_file
from counterpulse.recordings.recording import BROKEN, Recording
from counterpulse.refusal import RefusalError

NAME = re.compile(r"(?:physionet:)?([a-z0-9][a-z0-9.-]*(?:/[A-Za-z0-9._-]+)*)/([A-Za-z0-9_-]+)")


def is_name(given: str) -> bool:
    """Whether `given` can be a record of PhysioNet: a database in lower case, a slash, a record, and no such folder here."""
    found = NAME.fullmatch(given)
    return bool(found) and (given.startswith("physionet:") or not Path(given.split("/", maxsplit=1)[0]).exists())


def read(given: str) -> Recording:
    """Read `database/record`. Raises RefusalError where it cannot be had."""
    found = NAME.fullmatch(given)
    if found is None:
        raise RefusalError(f"{given} is not the name of a PhysioNet record; one looks like mitdb/100.")
    folder, record = found.groups()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            signals = wfdb_file.wfdb().rdrecord(record, pn_dir=folder, smooth_frames=False)
    except BROKEN as problem:
        reason = " ".join(str(problem).split())[:160]
        raise RefusalError(f"{given} is no file here, and PhysioNet did not give a record of that name ({reason}).") from None
    channels = wfdb_file.channels_of(signals)
    return Recording(name=record, path=given, channels=channels, notes=(f"{given} was read from PhysioNet.",))
