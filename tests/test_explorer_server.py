"""The server: what it answers, how it works, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_explorer import (
    PARTS,
    PORT,
    FakeEvidence,
    TestClient,
    client_of,
    error_of,
    made,
    run_folder,
)
from qantar.base.errors import OutputError, QantarError
from qantar.explorer.jobs import MOST_WAITING, Jobs
from qantar.explorer.links import Ground
from qantar.explorer.routes import PAGE
from qantar.explorer.safety import Address
from qantar.explorer.server import build_app, listen, make_server
from qantar.explorer.service import Explorer


@pytest.fixture
def explorer(tmp_path: Path) -> Explorer:
    """An explorer at which nobody works: what is asked waits."""
    (tmp_path / "runs").mkdir()
    return made(tmp_path, jobs=Jobs(workers=0))


@pytest.fixture
def client(explorer: Explorer) -> Iterator[TestClient]:
    with client_of(explorer) as client:
        yield client


def test_what_never_changes_is_answered(client: TestClient) -> None:
    assert client.get("/api/country").json()["country"] == "Kazakhstan"
    for name in ("timeline", "causes", "accounts"):
        assert client.get(f"/api/{name}").status_code == 200


def test_a_request_waits_for_what_is_still_being_read(tmp_path: Path) -> None:
    def slow(_ground: Ground) -> FakeEvidence:
        time.sleep(0.5)
        return FakeEvidence()

    with client_of(made(tmp_path, replace(PARTS, evidence=slow), jobs=Jobs(workers=0))) as client:
        assert client.get("/api/evidence?limit=3").json() == {"limit": 3}


def test_what_cannot_be_read_is_said_and_the_rest_works(tmp_path: Path) -> None:
    def broken(_ground: Ground) -> FakeEvidence:
        raise QantarError("this pack brings no evidence", hint="add some")

    with client_of(made(tmp_path, replace(PARTS, evidence=broken), jobs=Jobs(workers=0))) as client:
        for name in ("evidence", "timeline", "causes"):
            assert error_of(client.get(f"/api/{name}"), 400)["hint"] == "add some"
        assert client.get("/api/accounts").status_code == 200


def test_the_evidence_is_searched(client: TestClient) -> None:
    found = client.get("/api/evidence?unit=place:Almaty&from=24&to=48&text=a+b&limit=5&day=")
    assert found.json() == {
        "unit": "place:Almaty", "from_hour": 24, "to_hour": 48, "text": "a b", "limit": 5,
    }  # fmt: skip
    assert error_of(client.get("/api/evidence?from=x"), 400)["code"] == "not-a-number"
    assert error_of(client.get("/api/evidence?form=1"), 400)["code"] == "unknown-key"


def test_a_link_is_read(client: TestClient) -> None:
    read = client.get("/api/link?seed=2&hour=999&change=no-shoot-order").json()
    assert read["query"] == "seed=2&change=no-shoot-order"
    assert read["state"]["seed"] == 2
    assert [note["code"] for note in read["notes"]] == ["out-of-range"]


@settings(deadline=None)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=255), max_size=60))
def test_no_link_breaks_the_page(text: str) -> None:
    client = CLIENTS[0]
    answer = client.get("/api/link?" + quote(text, safe="%&=+;,@:/?", encoding="latin-1"))
    assert answer.status_code == 200


CLIENTS: list[TestClient] = []


@pytest.fixture(autouse=True, scope="module")
def _one_for_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with client_of(made(tmp_path_factory.mktemp("all"), jobs=Jobs(workers=0))) as client:
        CLIENTS.append(client)
        yield


def wait_until_done(client: TestClient, job: str) -> dict[str, Any]:
    ends = time.monotonic() + 60
    while (told := client.get(f"/api/jobs/{job}").json())["status"] in ("waiting", "running"):
        assert time.monotonic() < ends
        time.sleep(0.05)
    result: dict[str, Any] = told
    return result


def test_a_world_is_asked_for_run_and_looked_at(tmp_path: Path) -> None:
    with client_of(made(tmp_path)) as client:
        answer = client.post("/api/jobs", json={"query": "seed=3&hour=5", "kind": "world"})
        assert answer.status_code == 202
        key = answer.json()["key"]
        assert answer.json() == {"job": key, "key": key, "query": "seed=3"}
        assert client.post("/api/jobs", json={"query": "seed=3"}).json()["job"] == key
        assert wait_until_done(client, key)["status"] == "done"
        assert len(client.get("/api/jobs").json()["jobs"]) == 1
        world = client.get(f"/api/worlds/{key}")
        assert world.json() == {"key": key}
        assert "immutable" in world.headers["cache-control"]
        frames = client.get(f"/api/worlds/{key}/frames/base/crowd")
        assert frames.content.startswith(b"base crowd")
        assert "content-encoding" not in frames.headers
        member = client.get(f"/api/worlds/{key}/members/base/7/deaths")
        assert member.content == b"base 7 deaths"
        table = client.get(f"/api/worlds/{key}/download/hours.csv?side=base&unit=place:Almaty&x=1")
        assert table.text == "# hours [('side', 'base'), ('unit', 'place:Almaty')]\n"
        assert f'filename="qantar-{key}-hours.csv"' in table.headers["content-disposition"]
        for rest in ("frames/Base/crowd", "members/base/-1/crowd", "members/base/x/crowd"):
            assert client.get(f"/api/worlds/{key}/{rest}").status_code in (400, 404)


def test_a_run_is_kept_under_a_free_name(tmp_path: Path) -> None:
    with client_of(made(tmp_path)) as client:
        for seed in ("1&members=5", "1&members=6"):
            answer = client.post("/api/jobs", json={"query": f"seed={seed}", "kind": "keep"})
            job = wait_until_done(client, answer.json()["job"])
            assert job["status"] == "done"
    names = sorted(path.name for path in (tmp_path / "runs").iterdir())
    assert names == ["january-2022--union--seed1", "january-2022--union--seed1--2"]
    assert job["message"] == "Kept as january-2022--union--seed1--2."


def test_a_kept_change_is_called_after_it(tmp_path: Path) -> None:
    with client_of(made(tmp_path)) as client:
        body = {"query": "change=no-shoot-order&seed=4", "kind": "keep"}
        wait_until_done(client, client.post("/api/jobs", json=body).json()["job"])
    (folder,) = (tmp_path / "runs").iterdir()
    assert folder.name == "january-2022--whatif-no-shoot-order--seed4"


def test_the_title_of_a_job_names_account_and_change(client: TestClient) -> None:
    job = client.post("/api/jobs", json={"query": "change=no-shoot-order"}).json()["job"]
    told = client.get(f"/api/jobs/{job}").json()
    assert told["title"].endswith(": No order to shoot without warning")
    assert (told["status"], told["position"]) == ("waiting", 1)
    assert client.delete(f"/api/jobs/{job}").json()["status"] == "stopped"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"query": "members=9999"}, "bad-link"),
        ({"query": "change=no-shot-order"}, "bad-link"),
        ({"query": "account=%zz"}, "bad-link"),
        ({"query": "x" * 4001}, "bad-link"),
        ({"query": "", "kind": "dance"}, "unknown-kind"),
        ({"query": 3}, "not-text"),
        ([1], "not-json"),
    ],
)
def test_an_order_that_cannot_be_followed_is_refused(
    client: TestClient, body: Any, code: str
) -> None:
    assert error_of(client.post("/api/jobs", json=body), 400)["code"] == code
    assert client.get("/api/jobs").json() == {"jobs": []}


def test_what_an_order_is_not(client: TestClient) -> None:
    as_json = {"content-type": "application/json"}
    for content in (b"{", b"\xff", b"[" * 60_000):
        answer = client.post("/api/jobs", content=content, headers=as_json)
        assert error_of(answer, 400)["code"] == "not-json"
    # What a form of another site could send without asking the browser first:
    answer = client.post("/api/jobs", content=b"{}", headers={"content-type": "text/plain"})
    assert error_of(answer, 415)["code"] == "not-json"


def test_how_a_world_is_looked_at_may_be_wrong_in_an_order(client: TestClient) -> None:
    assert client.post("/api/jobs", json={"query": "hour=999"}).status_code == 202


def test_too_many_orders_are_refused(client: TestClient) -> None:
    for seed in range(MOST_WAITING):
        assert client.post("/api/jobs", json={"query": f"seed={seed}"}).status_code == 202
    assert error_of(client.post("/api/jobs", json={"query": "seed=99"}), 429)["code"] == "busy"


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/worlds/0123456789abcdef", 404, "world-gone"),
        ("/api/worlds/0123456789abcdef/frames/base/crowd", 404, "world-gone"),
        ("/api/worlds/run:nothing", 404, "run-gone"),
        ("/api/worlds/0123456789ABCDEF", 400, "bad-key"),
        ("/api/worlds/%00", 400, "bad-key"),
        ("/api/worlds/run:%00", 400, "bad-key"),
        ("/api/worlds/" + "9" * 5000, 400, "bad-key"),
        ("/api/jobs/nothing", 404, "job-gone"),
        ("/runs/nothing/report.html", 404, "run-gone"),
        ("/api/nothing", 404, "not-found"),
        ("/api/worlds/0123456789abcdef/members/base/" + "9" * 5000 + "/crowd", 400, "not-a-number"),
    ],
)
def test_what_is_not_there(client: TestClient, path: str, status: int, code: str) -> None:
    error = error_of(client.get(path), status)
    assert error["code"] == code
    assert len(error["message"]) < 300


def test_a_world_that_went_while_it_was_read_is_gone(tmp_path: Path) -> None:
    explorer = made(tmp_path, jobs=Jobs(workers=0))
    folder = tmp_path / "made"
    folder.mkdir()
    explorer.shelf.put("0123456789abcdef", folder)  # holds no world.json
    with client_of(explorer) as client:
        assert error_of(client.get("/api/worlds/0123456789abcdef"), 404)["code"] == "world-gone"


def test_runs_are_listed_shown_and_deleted(explorer: Explorer, client: TestClient) -> None:
    folder = run_folder(explorer)
    assert client.get("/api/runs").json() == {"runs": [{"name": "mine"}]}
    world = client.get("/api/worlds/run:mine")
    assert world.json() == {"key": "run"}
    assert world.headers["cache-control"] == "no-cache"
    assert client.delete("/api/runs/mine").json() == {"deleted": "mine"}
    assert not (folder / "manifest.json").exists()
    assert error_of(client.delete("/api/runs/nothing"), 404)["code"] == "run-gone"


def test_the_page_of_a_run_is_shut_in(explorer: Explorer, client: TestClient) -> None:
    run_folder(explorer)
    page = client.get("/runs/mine/report.html")
    assert page.text == "<p>report</p>"
    policy = page.headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts; default-src 'none'")
    assert "allow-same-origin" not in policy
    assert "'self'" not in policy
    # Browsers refuse to open a sandboxed page that asks for an opener policy.
    assert "cross-origin-opener-policy" not in page.headers
    assert client.get("/runs/mine/other.html").status_code == 400


def test_files_of_the_page_are_asked_for_again(client: TestClient) -> None:
    name = next(p for p in sorted(PAGE.rglob("*")) if p.is_file()).relative_to(PAGE).as_posix()
    first = client.get(f"/page/{name}")
    assert (first.status_code, first.headers["cache-control"]) == (200, "no-cache")
    again = client.get(f"/page/{name}", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.slow
def test_the_end_of_the_server_removes_its_folder(tmp_path: Path) -> None:
    explorer = made(tmp_path)
    with client_of(explorer) as client:
        key = client.post("/api/jobs", json={"query": ""}).json()["key"]
        wait_until_done(client, key)
        assert (explorer.work_folder / "worlds" / key).is_dir()
    assert not explorer.work_folder.exists()
    explorer.close()


def test_a_taken_port_is_passed_over() -> None:
    with listen("127.0.0.1", 0) as first:
        taken = first.getsockname()[1]
        with listen("127.0.0.1", taken) as second:
            assert taken < second.getsockname()[1] <= taken + 20


def test_an_address_of_somebody_else_cannot_be_listened_on() -> None:
    with pytest.raises(OutputError) as caught:
        listen("192.0.2.1", PORT)
    assert "--port" in caught.value.hint


def ask(port: int, request: str) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as there:
        there.sendall(request.encode())
        parts = []
        while part := there.recv(65536):
            parts.append(part)
    return b"".join(parts)


def test_who_does_not_finish_a_request_is_hung_up_on(
    explorer: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qantar.explorer.server.SECONDS_FOR_A_HEAD", 0.3)
    listening = listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    ready = threading.Event()
    server = make_server(build_app(explorer, Address("127.0.0.1", port)), ready.set)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        assert ready.wait(30)
        whole = f"GET /api/jobs HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"
        # Answered, though the connection stays open for more; then half of another request.
        assert ask(port, whole + "GET /api/jo").startswith(b"HTTP/1.1 200")
        assert ask(port, whole[:20]) == b""
        assert ask(port, "") == b""
        assert ask(port, "GET /" + "x" * 20_000).startswith(b"HTTP/1.1 400")
    finally:
        server.should_exit = True
        thread.join()


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.slow
def test_the_command_serves_and_ends_cleanly(tmp_path: Path, how: signal.Signals) -> None:
    command = [sys.executable, "-m", "qantar", "explore", "--no-open", "--port", "0"]
    variables = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        [*command, "--runs", str(tmp_path / "runs")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=variables,
        start_new_session=True,
    ) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        line = server.stdout.readline()
        found = re.fullmatch(r"The explorer is at http://127\.0\.0\.1:(\d+)/ .*\n", line)
        assert found is not None, line + server.stderr.read()
        port = int(found[1])
        head = f"Host: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
        assert b'"state"' in ask(port, f"GET /api/link HTTP/1.1\r\n{head}")
        assert ask(port, "rubbish\r\n\r\n").startswith(b"HTTP/1.1 400")
        os.killpg(server.pid, how)  # as a terminal does: workers hear it too
        rest, errors = server.communicate(timeout=60)
    assert (server.returncode, rest) == (0, "The explorer has ended.\n")
    assert "Traceback" not in errors
    assert [path.name for path in tmp_path.glob("qantar-explorer-*")] == []
    assert not (tmp_path / "runs").exists()
