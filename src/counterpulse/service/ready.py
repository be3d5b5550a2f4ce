"""What must be there before the lab serves: a free port, kernels that are compiled, a folder of recordings. Knows the machine, no patient."""

import socket
from pathlib import Path

from counterpulse.cohort.scenario import Scenario
from counterpulse.refusal import RefusalError
from counterpulse.service.bedside import Bedside


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises RefusalError when the port is taken or the address is not this machine's."""
    if not 1 <= port <= 65535:
        raise RefusalError(f"The port is {port}; it must lie in 1 to 65535.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError, UnicodeError) as problem:
        said = getattr(problem, "strerror", None) or str(problem)
        raise RefusalError(f"The console cannot be served on {host}, port {port}: {said}; choose another with --port.") from None


def address(host: str, port: int) -> str:
    """What to open in the browser."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104  where to look, not where to listen
    return f"http://{shown}:{port}/"


def check_folder(folder: Path | None) -> None:
    """Raise RefusalError when a folder was named that is none."""
    if folder is not None and not folder.is_dir():
        raise RefusalError(f"There is no folder {folder} for --recordings.")


def warm() -> None:
    """Compile, or read from the cache, what every console runs."""
    Bedside(Scenario("healthy", fs_hz=500.0)).advance(100)
