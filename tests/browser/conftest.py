"""A lab of our own and a Chromium to look at it, once for all browser tests."""

import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from devtools import Browser

ROOT = Path(__file__).parent.parent.parent


class Lab:
    """A running `counterpulse lab`, spoken to as the start page does."""

    def __init__(self, folder, recordings=None):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        more = ["--recordings", str(recordings)] if recordings else []
        self.log = (folder / "lab.log").open("w")
        command = [sys.executable, "-m", "counterpulse", "lab", "--port", str(port), "--no-open", *more]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True, env=environment)
        line = self.process.stdout.readline()
        assert self.address in line, f"the lab did not start: {line}{(folder / 'lab.log').read_text()}"

    def ask(self, path, key="", body=None):
        """The answer of an address: bytes."""
        headers = {"X-Console-Key": key, **({"content-type": "application/json"} if body is not None else {})}
        request = urllib.request.Request(f"{self.address}/lab/api/{path}", None if body is None else json.dumps(body).encode(), headers)  # noqa: S310
        with urllib.request.urlopen(request, timeout=180) as answer:  # noqa: S310
            return answer.read()

    def told(self, path):
        """The answer of an address that tells something."""
        return json.loads(self.ask(path))

    def open(self, **body):
        """A new console: {console, key, view_key}."""
        return json.loads(self.ask("consoles", body=body or {"preset": "hf-shock"}))

    def end(self, made):
        """Free a console."""
        request = urllib.request.Request(f"{self.address}/lab/api/consoles/{made['console']}", headers={"X-Console-Key": made["key"]}, method="DELETE")  # noqa: S310
        try:
            urllib.request.urlopen(request, timeout=60).close()  # noqa: S310
        except urllib.error.HTTPError as gone:
            assert gone.code == 404, gone.code  # noqa: PT017

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log.close()


@pytest.fixture(scope="session")
def browser(chromium, tmp_path_factory):
    """One Chromium for all pages."""
    opened = Browser(chromium, tmp_path_factory.mktemp("chromium"))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """One lab for all pages; recordings where there are any."""
    folder = Path(os.environ.get("COUNTERPULSE_RECORDINGS") or ROOT.parent / "shared" / "recordings")
    running = Lab(tmp_path_factory.mktemp("lab"), folder if folder.is_dir() else None)
    yield running
    running.close()


@pytest.fixture
def page_of(browser, lab):
    """Opens pages of new consoles (or of one that is handed in); each test's tabs and consoles end with it."""
    opened, consoles = [], []

    def page(kind="console", size=(1280, 720), made=None, media=None, **body):
        if made is None:
            made = lab.open(**body)
            consoles.append(made)
        key = made["view_key"] if kind == "monitor" else made["key"]
        one = browser.page(f"{lab.address}/lab/{kind}/{made['console']}#key={key}&view={made['view_key']}", size, **(media or {}))
        opened.append(one)
        one.made = made
        one.wait("window.__lab && __lab.state && __lab.monitor.started", 60)
        return one

    yield page
    for one in opened:
        said = one.said
        browser.end(one)
        assert not said, said
    for made in consoles:
        lab.end(made)
