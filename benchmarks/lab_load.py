"""Twenty browsers' worth of consoles on one server: does each keep real time, and how late is a sample at the client?

Starts `counterpulse lab` as a process of its own and speaks to it from here as browsers do: one page a console, acknowledging what it has "drawn".
Delay of a sample: arrival at the client, less the moment it was due, which is read from the earliest arrivals of that page (so the way there itself, under a
millisecond on one machine, is not in it; the wait inside a frame of samples is).  `python benchmarks/lab_load.py --consoles 20 --seconds 60 [--json]`
"""

import argparse
import asyncio
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.request

import numpy as np
from websockets.asyncio.client import connect


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


def serve(port):
    """The server's process and the seconds until it answered."""
    begun = time.monotonic()
    server = subprocess.Popen([sys.executable, "-m", "counterpulse", "lab", "--no-open", "--port", str(port)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    line = server.stdout.readline()
    if "http" not in line:
        raise SystemExit("the server did not start")
    return server, time.monotonic() - begun


def cpu_s(process):
    """Processor time that a process has used, s (Linux)."""
    words = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def open_console(port, **body):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/lab/api/consoles", json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310  our own server
        return json.load(answer)


class Client:
    """One page: when which samples came."""

    def __init__(self):
        self.arrivals, self.gaps, self.next, self.fs, self.first_trace_s, self.late_ms = [], 0, None, 500.0, None, 0.0

    async def look(self, port, console, begun, over):
        address = f"ws://127.0.0.1:{port}/lab/stream/{console['console']}?key={console['key']}"
        acknowledged = 0.0
        async with connect(address, compression=None, max_size=None) as line:
            while not over.is_set():
                data, now = await line.recv(), time.monotonic()
                if isinstance(data, str):
                    self.hear(json.loads(data))
                    continue
                self.take(data, now)
                self.first_trace_s = self.first_trace_s or now - begun
                if now - acknowledged > 0.25:
                    acknowledged = now
                    await line.send(json.dumps({"type": "ack", "sample": self.next}))

    def hear(self, message):
        if message["type"] == "hello":
            self.fs, self.every = message["fs_hz"], message["fs_hz"] / message["draw_hz"]
        elif message["type"] == "state":
            self.late_ms = max(self.late_ms, message["late_ms"])

    def take(self, data, now):
        first, n, _ = struct.unpack_from("<dII", data)
        if self.next is not None:
            self.gaps += first != self.next
            self.arrivals.append((now, first, first + n * self.every))
        self.next = first + n * self.every

    def figures(self, since):
        at, first, end = np.array(self.arrivals).T
        offset = np.min(at - end / self.fs)
        counted = at > since
        delay = 1000 * (at - offset - first / self.fs)[counted]
        pace = np.polyfit(at[counted], end[counted] / self.fs, 1)[0]
        p50, p99 = np.percentile(delay, [50, 99])
        return {"pace": float(pace), "p50_ms": float(p50), "p99_ms": float(p99), "most_ms": float(delay.max()), "gaps": self.gaps, "first_trace_s": self.first_trace_s}


async def look_at_all(port, process, count, seconds):
    """Open them one after another, each looked at from its opening on; figures of the seconds in which all are open."""
    clients, tasks, over = [], [], asyncio.Event()
    for k in range(count):
        begun = time.monotonic()
        console = await asyncio.to_thread(open_console, port, preset="hf-shock", seed=k)
        clients.append(Client())
        tasks.append(asyncio.create_task(clients[-1].look(port, console, begun, over)))
    await asyncio.sleep(1.0)
    since, used = time.monotonic(), cpu_s(process)
    await asyncio.sleep(seconds)
    share = (cpu_s(process) - used) / (time.monotonic() - since)
    over.set()
    await asyncio.gather(*tasks)
    return [client.figures(since) for client in clients], share


def measure(count, seconds):
    load, port = os.getloadavg()[0], free_port()
    server, started_s = serve(port)
    try:
        found, share = asyncio.run(look_at_all(port, server.pid, count, seconds))
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=20)
        server.stdout.close()

    def most(key):
        return max(row[key] for row in found)

    return {
        "consoles": count, "seconds": seconds, "cores": os.cpu_count(), "load_before": load, "started_s": started_s, "first_trace_s": most("first_trace_s"),
        "pace_worst_error": max(abs(row["pace"] - 1.0) for row in found), "delay_p50_ms": most("p50_ms"), "delay_p99_ms": most("p99_ms"),
        "delay_most_ms": most("most_ms"), "gaps": sum(row["gaps"] for row in found),
        "server_cores": share,
    }  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--consoles", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    told = measure(asked.consoles, asked.seconds)
    if asked.json:
        print(json.dumps(told))
        return
    print(f"{told['consoles']} consoles for {told['seconds']:g} s on {told['cores']} cores (load before: {told['load_before']:.1f}); server ready after {told['started_s']:.1f} s")
    print(f"from asking for a console to its first trace, slowest: {told['first_trace_s']:.2f} s ({told['first_trace_s'] / 2:.2f} of 2 s)")
    print(f"pace: worst error {100 * told['pace_worst_error']:.3f} % of real time ({told['pace_worst_error'] / 0.01:.2f} of 1 %)")
    late = f"p50 {told['delay_p50_ms']:.0f} ms, p99 {told['delay_p99_ms']:.0f} ms ({told['delay_p99_ms'] / 100:.2f} of 100 ms), most {told['delay_most_ms']:.0f} ms"
    print(f"delay of a sample at the client, worst page: {late}; gaps {told['gaps']}; the server used {told['server_cores']:.2f} of a core")


if __name__ == "__main__":
    main()
