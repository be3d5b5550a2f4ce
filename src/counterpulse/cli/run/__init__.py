"""`counterpulse run` and `counterpulse presets`. Imports nothing heavy until one of them runs."""

from cyclopts import App


def register(app: App) -> None:
    """Add both commands; their modules are imported when they are called."""
    app.command("counterpulse.cli.run.command:run", name="run", help="Simulate a patient without and with the balloon pump and write a report.")
    app.command("counterpulse.cli.run.presets:presets", name="presets", help="List the patients that come with counterpulse, or print one as TOML.")
