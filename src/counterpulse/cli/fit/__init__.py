"""`counterpulse fit`. Imports nothing heavy until it runs."""

from cyclopts import App


def register(app: App) -> None:
    """Add the command; its module is imported when it is called."""
    app.command("counterpulse.cli.fit.command:fit", name="fit", help="Find the patient that shows given numbers, or a recorded pressure.")
