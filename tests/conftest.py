"""What every test may ask for: the recordings folder, a browser, a database server. Absent means skip with the way to get it; in CI it means fail."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).parent.parent


def absent(sentence: str) -> NoReturn:
    """Skip with a sentence; under CI=true fail with it, because there everything must be present."""
    if os.environ.get("CI") == "true":
        pytest.fail(sentence)
    pytest.skip(sentence)


def pytest_terminal_summary(terminalreporter):
    """Print the figures that tests left with `record_property`."""
    figures = [f"{name}: {value}" for report in terminalreporter.getreports("passed") for name, value in report.user_properties]
    if figures:
        terminalreporter.section("figures")
        terminalreporter.write_line("\n".join(figures))


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The folder of real recordings (COUNTERPULSE_RECORDINGS, default ../shared/recordings)."""
    folder = Path(os.environ.get("COUNTERPULSE_RECORDINGS") or ROOT.parent / "shared" / "recordings")
    if not folder.is_dir():
        absent(f"No recordings in {folder}; set COUNTERPULSE_RECORDINGS to a folder that has them.")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium that can be driven."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    return found or absent("No Chromium here; get it with: sudo apt-get install chromium")


@pytest.fixture(scope="session")
def postgresql() -> Path:
    """Folder of PostgreSQL's server programs (initdb, postgres)."""
    places = [Path(found).parent for found in [shutil.which("initdb")] if found] + sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return places[0] if places else absent("No PostgreSQL server here; get it with: sudo apt-get install postgresql")
