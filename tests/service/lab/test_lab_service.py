"""Who may do what: keys, roles, hosts, origins; consoles end, come back, and do not disturb each other; malformed messages change nothing."""

import asyncio
import json
import random
import socket
import time
import zipfile
from io import BytesIO

import numpy as np
import polars as pl
import pytest
from websockets.exceptions import InvalidStatus

from counterpulse.cli import answer
from counterpulse.refusal import RefusalError
from counterpulse.service import console as console_module
from counterpulse.service.lab import heed
from counterpulse.service.live import Engine
from counterpulse.service.opening import open_console
from counterpulse.service.ready import address, listening
from counterpulse.service.viewer import FRAMES, Frame, Viewer


@pytest.fixture(scope="module")
def shared(warmed):
    from lab_server import Server  # noqa: PLC0415

    server = Server()
    yield server
    server.stop()


def test_one_key_opens_one_console(shared):
    one, other = shared.open(), shared.open(seed=5)
    for method, path in (("GET", ""), ("GET", "/scenario"), ("GET", "/strip"), ("DELETE", "")):
        for key in (other["key"], other["view_key"], "", "x" * 2000, None):
            status, _, told = shared.call(method, f"/lab/api/consoles/{one['console']}{path}", key=key)
            assert status == 403
            assert told["refused"].endswith(".")
    page = shared.page({"console": one["console"], "key": other["key"]})
    assert page.take() == {"type": "bye", "sentence": "The key does not belong to this console."}
    assert shared.page({"console": "none", "key": one["key"]}).take()["type"] == "bye"


def test_a_viewer_sees_the_monitor_and_steers_nothing(shared):
    made = shared.open()
    page = shared.page(made, "view_key")
    hello = page.take()
    assert hello["role"] == "view"
    assert {one["group"] for one in hello["channels"]} == {"ecg", "pressure", "balloon", "mark"}
    assert hello["fields"] == []
    assert hello["lesson"] is None
    page.set("settings.ratio", 2)
    assert "only look on" in page.until("refused")["sentence"]
    page.say(type="do", what="pause")
    page.gather(1.0)
    told = [message for message in page.told if message["type"] in ("state", "beat")]
    assert told
    assert not [message for message in told if message.get("values") or "inflation_error_ms" in message]
    assert all(piece.shape[0] == len(hello["channels"]) for _, piece in page.samples)
    for method, path in (("GET", "/scenario"), ("DELETE", "")):
        assert shared.call(method, f"/lab/api/consoles/{made['console']}{path}", key=made["view_key"])[0] == 403
    assert shared.call("GET", f"/lab/api/consoles/{made['console']}", key=made["view_key"])[2]["role"] == "view"


def test_a_lost_connection_comes_back_to_the_same_patient(shared):
    made = shared.open()
    page = shared.page(made)
    page.set("settings.ratio", 3)
    page.until(lambda message: message["type"] == "state" and message["values"].get("settings.ratio") == 3)
    sample = page.told[-1]["sample"]
    page.socket.socket.shutdown(socket.SHUT_RDWR)  # no goodbye
    time.sleep(0.5)
    again = shared.page(made)
    hello = again.take()
    assert hello["sample"] > sample
    assert next(one for one in hello["fields"] if one["field"] == "settings.ratio")["value"] == 3


def test_how_long_a_console_waits():
    assert console_module.CLOSED_S + 2.0 < 30.0 <= console_module.DROPPED_S


@pytest.mark.parametrize("lost", [False, True])
def test_a_console_that_nobody_looks_at_ends_in_time(lost, warmed):
    from lab_server import Server  # noqa: PLC0415

    server = Server()
    made = server.open()
    console = server.app.state.engine.consoles[made["console"]]
    page = server.page(made)
    page.take()
    if lost:
        page.socket.socket.shutdown(socket.SHUT_RDWR)
    else:
        page.close()
    end = time.monotonic() + 10.0
    while console.viewers and time.monotonic() < end:
        time.sleep(0.01)
    waits = console.until - time.monotonic()
    assert waits == pytest.approx(60.0 if lost else 20.0, abs=1.0)
    server.app.state.engine.pass_once(time.monotonic() + waits - 0.5)
    assert made["console"] in server.app.state.engine.consoles
    server.app.state.engine.pass_once(time.monotonic() + waits + 0.5)
    assert made["console"] not in server.app.state.engine.consoles
    assert server.call("GET", f"/lab/api/consoles/{made['console']}", key=made["key"])[0] == 404
    server.pages.clear()
    server.stop()


def test_closing_a_console_says_goodbye(shared):
    made = shared.open()
    page = shared.page(made, "view_key")
    page.take()
    assert shared.call("DELETE", f"/lab/api/consoles/{made['console']}", key=made["key"])[0] == 204
    assert page.until("bye")["sentence"] == "The console was closed."


def test_who_draws_too_slowly_gets_the_newest_and_disturbs_nobody(shared):
    made = shared.open()
    slow, quick = shared.page(made), shared.page(made)
    hello = slow.take()
    slow.take()
    slow.say(type="ack", sample=hello["sample"])
    slow.gather(4.0)
    held = slow.samples[-1][0]
    quick.gather(4.5)
    every = hello["fs_hz"] / hello["draw_hz"]
    assert all(second[0] == first[0] + first[1].shape[1] * every for first, second in zip(quick.samples, quick.samples[1:], strict=False))
    newest = quick.samples[-1][0]
    slow.samples.clear()
    slow.say(type="ack", sample=newest)
    while not slow.samples:
        slow.take()
    assert slow.samples[0][0] > held
    slow.gather(0.5)
    assert slow.samples[-1][0] >= newest - FRAMES * 0.024 * hello["fs_hz"]


def test_a_queue_keeps_the_newest_frames_and_tells_all_after_an_overflow():
    asyncio.run(overflow())


async def overflow():
    viewer = Viewer(steers=True, fs_hz=500.0)
    viewer.full = False
    for k in range(100):
        viewer.push_frame(Frame(bytes([k]), k))
        viewer.push_text(str(k))
    assert [frame.end for frame in viewer.frames] == list(range(92, 100))
    assert viewer.dropped == 92
    for k in range(300):
        viewer.push_text(str(k))
    assert len(viewer.texts) <= 200
    assert viewer.full


def malformed(draw):
    """A message that is wrong for certain, of one of many kinds."""
    wild = lambda: draw.choice([None, True, [], {}, "x" * draw.randint(0, 30), draw.uniform(-1e20, 1e20), draw.randint(-(10**30), 10**30), [[[[]]]], "\x00", "é"])  # noqa: E731
    field = draw.choice(["settings.ratio", "tone.rhythm", "monitor.lead_off", "fault.kink", "settings.volume_mL", "catheter.leak_mL_s_mmHg"])
    said = lambda **message: json.dumps(message)  # noqa: E731
    kinds = (
        lambda: "".join(chr(draw.randrange(32, 0x2FFF)) for _ in range(draw.randrange(80))),
        lambda: json.dumps(wild()) if draw.random() < 0.9 else "[" * draw.randrange(3000),
        lambda: said(type=wild(), field=field, value=1),
        lambda: said(type="set", field=draw.choice(["settings.x", "pump.count", "monitor.seed", "settings", ".", "tone.changed", "catheter.form", "fault.none"]), value=1),
        lambda: said(type="set", field=field, value=draw.choice([None, True, "2", [], {}, 1e300, -1e6, float("nan"), float("inf")])),
        lambda: said(type="set", field=field, value=1, place=draw.choice([4, 99, -2, 0.5, "0", None, 10**9])),
        lambda: said(type="do", what=draw.choice(["explode", 7, None, "speed", "silence", "physiology", "answer"]), value=draw.choice([None, "x", -5, 1e9, []])),
        lambda: said(type="ack", sample=draw.choice([None, "1", [], True, float("inf")])),
        lambda: said(type="set", field=field, value=1, extra=wild())[: draw.randrange(1, 60)],
    )
    return draw.choice(kinds)()


def test_ten_thousand_malformed_messages_change_nothing(warmed):
    asyncio.run(ten_thousand())


async def ten_thousand():
    console = open_console({"preset": "hf-shock"})
    viewer = Viewer(steers=True, fs_hz=500.0)
    console.join(viewer)
    viewer.texts.clear()
    records = ("tone", "catheter", "monitor", "settings", "pump", "beat")
    kept = {record: getattr(console.source.bed, record).tobytes() for record in records}
    was = (console.speed, console.paused, console.source.sample, viewer.physiology, viewer.drawn)
    draw = random.Random(20260101)  # noqa: S311  a test's choice
    now = console.until or console._since
    for _ in range(10_000):
        text = malformed(draw)
        heed(text, console, viewer)
        console.turn(now)
        assert viewer.texts, text
        refused = json.loads(viewer.texts.pop())
        assert refused["type"] == "refused", text
        assert refused["sentence"].endswith("."), text
        assert len(refused["sentence"]) < 2000
        viewer.texts.clear()
    assert {record: getattr(console.source.bed, record).tobytes() for record in records} == kept
    assert (console.speed, console.paused, console.source.sample, viewer.physiology, viewer.drawn) == was
    assert not console.source.inputs


def test_only_so_many_messages_a_second_are_heard(shared):
    page = shared.page(shared.open())
    for _ in range(150):
        page.socket.send("{")
    page.gather(1.5)
    refused = [message["sentence"] for message in page.told if message["type"] == "refused"]
    assert sum("not valid JSON" in sentence for sentence in refused) <= 101
    assert sum("not heard" in sentence for sentence in refused) == 1


def test_so_many_consoles_and_pages_and_no_more(warmed, monkeypatch):
    from lab_server import Server  # noqa: PLC0415

    monkeypatch.setattr(console_module, "VIEWERS", 1)
    server = Server(engine=Engine(most=1))
    made = server.open()
    status, _, told = server.call("POST", "/lab/api/consoles", {"preset": "hf-shock"})
    assert (status, "1 consoles are open" in told["refused"]) == (422, True)
    server.page(made).take()
    assert "look at this console already" in server.page(made).take()["sentence"]
    server.stop()


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:80", "", "[::1"])
def test_another_name_is_not_answered(shared, host):
    status, _, told = shared.call("GET", "/lab/api/presets", Host=host)
    assert status in (400, 403)
    if status == 403:
        assert told["refused"]


def test_another_sites_page_may_not_use_it(shared):
    made = shared.open()
    assert shared.call("POST", "/lab/api/consoles", {"preset": "hf-shock"}, Origin="http://evil.example")[0] == 403
    with pytest.raises(InvalidStatus):
        shared.page(made, origin="http://evil.example")
    assert shared.page(made, origin=f"http://{shared.host}").take()["type"] == "hello"


def test_every_answer_keeps_the_page_to_this_server(shared):
    for path in ("/", "/lab/", "/lab/console/x", "/lab/monitor/x", "/lab/instructor/x", "/lab/api/presets", "/static/lab/console.js", "/static/plotly.min.js", "/nothing"):
        status, headers, _ = shared.call("GET", path)
        assert status == (404 if path == "/nothing" else 200), path
        headers = {name.lower(): value for name, value in headers.items()}
        assert "default-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    assert {one["preset"] for one in shared.call("GET", "/lab/api/presets")[2]["presets"]} >= {"healthy", "hf-shock"}
    assert shared.call("GET", "/lab/api/recordings")[2] == {"recordings": [], "folder": False}
    assert len(shared.call("GET", "/lab/api/lessons")[2]["lessons"]) >= 19


@pytest.mark.parametrize(("body", "status"), [(b"{", 422), (b"[]", 422), (b'{"preset": 1}', 422), (b"x" * 5_000_000, 413)])
def test_a_request_that_is_none_is_refused(shared, body, status):
    got, _, told = shared.call("POST", "/lab/api/consoles", body)
    assert got == status
    assert told["refused"].endswith(".")


def test_a_strip_is_what_was_seen(shared, tmp_path):
    made = shared.open()
    console = shared.app.state.engine.consoles[made["console"]]
    path = f"/lab/api/consoles/{made['console']}/strip?from_s=30&to_s=32&format="
    rows = console.run.report.readings.tape.between(15000, 16000)
    _, _, data = shared.call("GET", path + "parquet", key=made["view_key"])
    table = pl.read_parquet(BytesIO(data))
    assert np.array_equal(table["ART root"].to_numpy(), rows["arterial_mmHg"][:, 0])
    assert shared.call("GET", path + "csv", key=made["key"])[2].count(b"\n") == 1001
    _, headers, data = shared.call("GET", path + "wfdb", key=made["key"])
    assert {name.rpartition(".")[2] for name in zipfile.ZipFile(BytesIO(data)).namelist()} >= {"hea", "dat"}
    assert "attachment" in {name.lower(): value for name, value in headers.items()}["content-disposition"]
    for query in ("?format=gif", "?from_s=x", "?from_s=nan", "?from_s=5&to_s=4", "?from_s=0&to_s=1e9"):
        status, _, told = shared.call("GET", f"/lab/api/consoles/{made['console']}/strip{query}", key=made["key"])
        assert (status, told["refused"][-1]) == (422, ".")


def test_pause_speed_and_a_new_beginning(shared):
    page = shared.page(shared.open(speed=4))
    hello = page.take()
    page.until(lambda message: message["type"] == "state" and message["sample"] > hello["sample"] + 2000)
    page.say(type="do", what="pause")
    page.until(lambda message: message["type"] == "state" and message["paused"])
    still = page.until("state")["sample"]
    assert page.until("state")["sample"] == still
    page.say(type="do", what="restart")
    again = page.until("hello")
    assert again["sample"] == hello["opened_s"] * hello["fs_hz"] <= hello["sample"]
    page.until(lambda message: message["type"] == "state" and not message["paused"] and message["sample"] > again["sample"])


def test_a_port_that_is_taken_is_a_sentence(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert answer(["lab", "--no-open", "--port", str(port)]) == 2
    said = capsys.readouterr().err
    assert f"port {port}" in said
    assert "--port" in said
    with pytest.raises(RefusalError, match="1 to 65535"):
        listening("127.0.0.1", 0)
    assert answer(["lab", "--no-open", "--recordings", "/no/such/folder"]) == 2
    assert address("::1", 8600) == "http://[::1]:8600/"
    assert address("0.0.0.0", 8600) == "http://127.0.0.1:8600/"  # noqa: S104
