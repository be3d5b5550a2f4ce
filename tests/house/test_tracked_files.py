"""What must not be in the project: paths of one machine, addresses of package registries, lock files that record hosts, large files."""

import re
import tomllib

import pytest
from house_sources import ROOT, tracked, where

LOCKS = {"uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bun.lockb"}
HOSTS = re.compile(r"files\.pythonhosted\.org|pypi\.org/simple|registry\.(npmjs|yarnpkg)|--(extra-)?index-url|--trusted-host|--find-links")
# the folders that people's machines keep their homes and checkouts in; the checkout's own place, whatever it is called, comes on top
MACHINE = re.compile(r"(?<![\w.~/-])/(home|Users|root|mnt|workspace|work)/[\w.-]+")
LARGEST_KIB = 1024
THIS = "tests/house/test_tracked_files.py"


def texts():
    for file in tracked():
        data = file.read_bytes()
        if b"\0" not in data[:8000] and where(file) != THIS:
            yield file, data.decode("utf-8", errors="replace")


def hits(pattern):
    for file, text in texts():
        for number, line in enumerate(text.splitlines(), 1):
            if (found := pattern.search(line)) and not (where(file).startswith("scripts/pins") and found[0].startswith("--")):
                yield f"{where(file)}:{number}: {found[0]}"


def test_no_path_of_a_machine():
    assert not list(hits(MACHINE))
    assert not list(hits(re.compile(re.escape(str(ROOT.parent) + "/")))) or str(ROOT.parent) in ("/", "/tmp")  # noqa: S108


def test_no_address_of_a_registry():
    assert not list(hits(HOSTS))


def test_no_lock_file():
    assert not [where(file) for file in tracked() if file.name in LOCKS]


def test_no_large_file():
    assert not {where(file): file.stat().st_size for file in tracked() if file.stat().st_size > LARGEST_KIB * 1024}


@pytest.mark.parametrize("name", ["run", "test", "docs"])
def test_pins_are_names_versions_and_hashes(name):
    lines = (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()
    kinds = re.compile(r"^(#.*|[a-z0-9.-]+==[^ ]+( ; .*)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?|    # via .*)?$")
    assert not [line for line in lines if not kinds.match(line)]


def test_pins_hold_every_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = {"run": project["dependencies"], **{name: project["optional-dependencies"][name] for name in ("test", "docs")}}
    for name, wanted in groups.items():
        pinned = set(re.findall(r"^([a-z0-9.-]+)==", (ROOT / "requirements" / f"{name}.txt").read_text(), re.MULTILINE))
        missing = {re.split(r"[\[<>=!~; ]", want)[0].lower().replace("_", "-") for want in wanted} - pinned
        assert not missing, f"not in requirements/{name}.txt: {sorted(missing)}; run `make pins`"
