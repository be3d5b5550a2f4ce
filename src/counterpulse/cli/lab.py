"""`counterpulse lab`: the console in the browser. Nothing heavy is imported until it runs."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter


def register(app: App) -> None:
    """Add the command."""
    app.command(lab, name="lab")


def lab(
    *,
    host: Annotated[str, Parameter(help="address to listen on; anything but the loopback lets other machines in")] = "127.0.0.1",
    port: Annotated[int, Parameter(help="port, 1 to 65535")] = 8600,
    open: Annotated[bool, Parameter(help="open the start page in the browser")] = True,  # noqa: A002  the flag's name
    recordings: Annotated[Path | None, Parameter(help="folder whose recordings may be played with the pump along them")] = None,
) -> None:
    """Run the pump at the bedside in the browser: monitor, pump, patient, lessons, recordings.

    Serves the loopback until Ctrl-C. Research and education only: not a medical device, not for patient care.
    """
    import sys
    import threading
    import webbrowser

    import uvicorn

    from counterpulse.service.app import application
    from counterpulse.service.ready import address, check_folder, listening, warm

    check_folder(recordings)
    bound = listening(host, port)
    sys.stderr.write("Getting the simulation ready (compiling, the first time for a minute or more) ...\n")
    warm()
    place = address(host, port)
    sys.stdout.write(f"The console: {place}  (Ctrl-C ends). Research and education only: not for patient care.\n")
    sys.stdout.flush()
    if open:
        threading.Timer(0.5, webbrowser.open, (place,)).start()
    config = uvicorn.Config(
        application(recordings, (host.lower(),)), log_level="warning", ws_per_message_deflate=False, ws_max_size=65536, ws="websockets-sansio",
        timeout_graceful_shutdown=3,
    )  # fmt: skip
    with bound:
        uvicorn.Server(config).run(sockets=[bound])
