"""`counterpulse fit` and `counterpulse predict`. Imports nothing heavy until one of them runs."""

from cyclopts import App


def register(app: App) -> None:
    """Add both commands; their modules are imported when they are called."""
    app.command("counterpulse.cli.fit.command:fit", name="fit", help="Find the patient that shows given numbers, or a recorded pressure.")
    app.command("counterpulse.cli.fit.forecast:predict", name="predict", help="Predict what the pump does in a fitted patient, with an interval.")
