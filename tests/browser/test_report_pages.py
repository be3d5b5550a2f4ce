"""The report pages in a real browser: they draw what they promise and need nothing from outside."""

import re
import subprocess

import pytest

from counterpulse.cli import answer
from counterpulse.recordings.export import export
from counterpulse.signals.sample import Sample

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--window-size=1280,1600", "--virtual-time-budget=15000", "--enable-logging=stderr", "--v=0",
)  # fmt: skip


def opened(chromium, page, folder):
    """The page's document after its scripts have run, and what they said to the console."""
    command = [chromium, *FLAGS, f"--user-data-dir={folder}", "--dump-dom", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=True)
    return done.stdout, re.findall(r".*CONSOLE.*", done.stderr)


def check(document, console, panels):
    assert not console, console
    assert document.count('class="xaxislayer-above"') + document.count("cartesianlayer") >= 1
    for panel in panels:
        assert panel in document, f"{panel} is not drawn"
    markup = re.sub(r"<script\b.*?</script>", "", document, flags=re.DOTALL)
    assert not re.search(r"(?:src|href)\s*=\s*[\"'](?:https?:)?//", markup), "the page asks for something outside itself"
    assert "not a medical device" in document


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "out"
    assert answer(["run", "hf-shock", "--seconds", "8", "--no-certify", "--out", str(folder)]) == 0
    return folder


def test_run_report_draws(chromium, run_folder, tmp_path):
    document, console = opened(chromium, run_folder / "report.html", tmp_path)
    check(document, console, ["Arterial pressure", "Balloon pressure", "Pressure-volume loops", "Oxygen balance"])
    assert len(re.findall(r"<path[^>]+class=\"js-line\"", document)) >= 8, "waves and loops are lines"


def test_replay_report_draws(chromium, recordings, tmp_path):
    folder = tmp_path / "replay"
    assert answer(["replay", str(recordings / "challenge2015" / "iabp" / "v294s"), "--to", "40", "--out", str(folder)]) == 0
    document, console = opened(chromium, folder / "report.html", tmp_path / "browser")
    check(document, console, ["ECG", "ABP"])


def test_a_pressure_without_a_beat_still_makes_a_page(chromium, tmp_path):
    rows = Sample.many(2500)
    rows["arterial_mmHg"] = 80.0
    export(rows, 250.0, tmp_path / "flat", "csv")
    folder = tmp_path / "out"
    assert answer(["replay", str(tmp_path / "flat.csv"), "--trigger", "pressure", "--out", str(folder)]) == 0
    document, console = opened(chromium, folder / "report.html", tmp_path / "browser")
    check(document, console, [])
