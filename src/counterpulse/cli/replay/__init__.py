"""`counterpulse replay`: the pump along a real recording. Imports nothing heavy until it runs."""

from cyclopts import App


def register(app: App) -> None:
    """Add the command; its module is imported when it is called."""
    app.command(
        "counterpulse.cli.replay.command:replay", name="replay", help="Run the pump along a recorded ECG and arterial pressure and write a report."
    )
