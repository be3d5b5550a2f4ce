"""The command line. Every module beside this one that has `register(app)` adds its commands; nothing heavy is imported until a command runs.

Exit codes: 0 done, 1 a check that the command exists to make failed, 2 bad input (one sentence on standard error), 130 interrupted.
"""

import importlib
import pkgutil
import sys

from cyclopts import App, CycloptsError

from counterpulse import __version__
from counterpulse.refusal import RefusalError

HELP = """The intra-aortic balloon pump as open software: pump, patient, bedside and trial.

Research and education only: not a medical device, not for patient care."""


def build() -> App:
    """Make the application with every command registered."""
    app = App(name="counterpulse", help=HELP, version=__version__, help_format="plaintext")
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        room = importlib.import_module(f"{__name__}.{module}")
        if hasattr(room, "register"):
            room.register(app)
    return app


def run(arguments: list[str] | None = None) -> int:
    """Run one command line and give its exit code."""
    try:
        code = build()(arguments, exit_on_error=False, print_error=False, result_action="return_value")
    except KeyboardInterrupt:
        print("Interrupted; nothing was left half-written.", file=sys.stderr)  # noqa: T201
        return 130
    except RefusalError as refusal:
        print(refusal, file=sys.stderr)  # noqa: T201
        return 2
    except CycloptsError as error:
        print(" ".join(str(error).split()), file=sys.stderr)  # noqa: T201
        return 2
    return code if isinstance(code, int) else 0


def main() -> None:
    """Entry point of the `counterpulse` command."""
    sys.exit(run())
