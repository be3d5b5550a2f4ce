"""`counterpulse cohort draw`, `run` and `sensitivity`. Imports nothing heavy until one of them runs."""

from cyclopts import App


def register(app: App) -> None:
    """Add the group and its commands; their modules are imported when they are called."""
    group = App(name="cohort", help="Draw virtual patients from a published table, and run them through the arms of an experiment.")
    group.command("counterpulse.cli.cohort.command:draw", name="draw", help="Draw and calibrate virtual patients from a published baseline table.")
    group.command("counterpulse.cli.cohort.command:run", name="run", help="Simulate every patient of a drawn cohort in every arm.")
    group.command("counterpulse.cli.cohort.sensitivity:sensitivity", name="sensitivity", help="Tell which parameters decide what the pump does in a cohort.")
    app.command(group)
