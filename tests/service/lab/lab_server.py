"""A lab server of its own on a free port, spoken to over real sockets, as a browser would."""

import json
import socket
import struct
import threading
import time
import urllib.error
import urllib.request

import numpy as np
import uvicorn
from websockets.sync.client import connect

from counterpulse.service.app import application


class Page:
    """One browser page on a console's line."""

    def __init__(self, server, console, key, **options):
        self.opening = connect(f"ws://{server.host}/lab/stream/{console}?key={key}", compression=None, max_size=None, max_queue=None, close_timeout=0.5, **options)
        self.socket = self.opening.__enter__()
        self.told = []
        self.samples = []

    def take(self, timeout=5.0):
        """The next message: a dict, or (first, array of channels x samples)."""
        data = self.socket.recv(timeout=timeout)
        if isinstance(data, str):
            message = json.loads(data)
            self.told.append(message)
            return message
        first, n, c = struct.unpack_from("<dII", data)
        piece = (int(first), np.frombuffer(data, "<f4", offset=16).reshape(c, n))
        self.samples.append(piece)
        return piece

    def until(self, wanted, timeout=10.0):
        """Take messages until one is of that type, or satisfies that function."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            message = self.take(max(end - time.monotonic(), 0.01))
            if isinstance(message, dict) and (message["type"] == wanted if isinstance(wanted, str) else wanted(message)):
                return message
        raise AssertionError(f"{wanted} did not come")

    def gather(self, seconds):
        """Everything that comes in so many seconds."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                self.take(left)
            except TimeoutError:
                return self
        return self

    def say(self, **message):
        self.socket.send(json.dumps(message))

    def set(self, field, value, place=-1):
        self.say(type="set", field=field, value=value, place=place)

    def close(self):
        self.opening.__exit__(None, None, None)


class Server:
    """The application in a thread."""

    def __init__(self, recordings=None, engine=None):
        self.pages = []
        self.app = application(recordings, engine=engine)
        self.bound = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self.bound.getsockname()[1]}"
        self.uvicorn = uvicorn.Server(uvicorn.Config(self.app, log_level="warning", ws="websockets-sansio", ws_per_message_deflate=False, timeout_graceful_shutdown=2))
        self.thread = threading.Thread(target=self.uvicorn.run, kwargs={"sockets": [self.bound]})
        self.thread.start()
        while not self.uvicorn.started:
            time.sleep(0.01)

    def call(self, method, path, body=None, key=None, **headers):
        """Status, headers and parsed body of a request."""
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"content-type": "application/json", **({"x-console-key": key} if key else {}), **{name.replace("_", "-"): value for name, value in headers.items()}}
        request = urllib.request.Request(f"http://{self.host}{path}", data, sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  our own server
                return answer.status, dict(answer.headers), parsed(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, dict(error.headers), parsed(error.read())

    def open(self, **body):
        """A console: its id, steering key and view key."""
        status, _, told = self.call("POST", "/lab/api/consoles", {"preset": "hf-shock", **body} if not {"lesson", "scenario", "recording"} & set(body) else body)
        assert status == 201, told
        return told

    def page(self, console, key="key", **options):
        page = Page(self, console["console"], console[key], **options)
        self.pages.append(page)
        return page

    def stop(self):
        for page in self.pages:
            page.close()
        self.uvicorn.should_exit = True
        self.thread.join(timeout=10)
        self.bound.close()


def parsed(data):
    try:
        return json.loads(data)
    except ValueError:
        return data
