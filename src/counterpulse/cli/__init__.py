"""The command line. Every module beside this one that has `register(app)` adds its commands; nothing heavy is imported until a command runs.

Exit codes: 0 done, 1 a check that the command exists to make failed (or an error of ours, said in one sentence; COUNTERPULSE_DEBUG=1 shows
where), 2 bad input (one sentence on standard error), 130 interrupted.
"""

import importlib
import os
import pkgutil
import signal
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from cyclopts import App, CycloptsError

from counterpulse import __version__
from counterpulse.refusal import RefusalError

HELP = """The intra-aortic balloon pump as open software: pump, patient, bedside and trial.

Research and education only: not a medical device, not for patient care."""


def build() -> App:
    """Make the application with every command registered."""
    app = App(name="counterpulse", help=HELP, version=__version__, help_format="plaintext", suppress_keyboard_interrupt=False)
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        room = importlib.import_module(f"{__name__}.{module}")
        if hasattr(room, "register"):
            room.register(app)
    return app


def answer(arguments: list[str] | None = None) -> int:
    """Run one command line and give its exit code."""
    return guarded(lambda: build()(arguments, exit_on_error=False, print_error=False, result_action="return_value"))


def guarded(work: Callable[[], Any]) -> int:
    """Do the work; whatever goes wrong becomes one sentence on standard error and an exit code."""
    try:
        code = _until_told_to_stop(work)
    except KeyboardInterrupt:
        return _say("Interrupted; nothing was left half-written.", 130)
    except RefusalError as refusal:
        return _say(str(refusal), 2)
    except CycloptsError as error:
        from counterpulse.cli.wording import wording

        return _say(wording(error), 2)
    except BrokenPipeError:  # the reader of a pipe, `head` say, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("COUNTERPULSE_DEBUG"):
            raise
        first = " ".join(str(error).split()) or "no more is known"
        return _say(f"This is a fault of counterpulse, not of yours: {type(error).__name__}, {first}; COUNTERPULSE_DEBUG=1 shows where it happened.", 1)
    return code if isinstance(code, int) else 0


def _until_told_to_stop(work: Callable[[], Any]) -> Any:
    """Do the work so that SIGTERM ends it as Ctrl-C does, and with all output written."""
    try:
        before = signal.signal(signal.SIGTERM, _interrupt)
    except ValueError:  # not in the main thread
        return work()
    try:
        code = work()
        sys.stdout.flush()
        return code
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _say(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)  # noqa: T201
    return code


def main() -> None:
    """Entry point of the `counterpulse` command."""
    sys.exit(answer())
