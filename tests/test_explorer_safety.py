"""Who may ask, how much, and where to: every no is a help and never a traceback."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from fake_explorer import HERE, HTML, PORT, TOKEN, TestClient, client_of, error_of, made, run_folder
from qantar.explorer import request, safety
from qantar.explorer.jobs import Jobs
from qantar.explorer.safety import Address, is_loopback, make_token
from qantar.explorer.server import build_app
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


# Who may ask


@pytest.mark.parametrize("host", [f"127.0.0.1:{PORT}", f"localhost:{PORT}", f"LOCALHOST:{PORT}"])
def test_names_of_this_server(client: TestClient, host: str) -> None:
    assert client.get("/api/country", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", f"evil.example:{PORT}", "127.0.0.1", "127.0.0.1:80", "", ":8022",
     f"127.0.0.1.evil.example:{PORT}", f"127.0.0.1:{PORT}@evil.example", f"[::1]:{PORT}",
     f"192.168.0.2:{PORT}"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/page/style.css", "/api/country", "/runs/mine/report.html"])
def test_a_name_of_somebody_else_is_refused(client: TestClient, host: str, path: str) -> None:
    assert error_of(client.get(path, headers={"host": host}), 421)["code"] == "wrong-host"


STRANGE = [
    {"origin": "http://evil.example"},
    {"origin": "null"},
    {"origin": f"https://127.0.0.1:{PORT}"},
    {"origin": "http://127.0.0.1:9999"},
    {"origin": f"http://localhost:{PORT}"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
]


@pytest.mark.parametrize("headers", STRANGE)
def test_another_page_gets_nothing(explorer: Explorer, headers: dict[str, str]) -> None:
    folder = run_folder(explorer)
    with client_of(explorer) as client:
        for method, path in (
            ("GET", "/api/country"),
            ("GET", "/api/runs"),
            ("POST", "/api/jobs"),
            ("DELETE", "/api/runs/mine"),
            ("DELETE", "/api/jobs/x"),
            ("POST", "/"),
            ("OPTIONS", "/api/jobs"),
        ):
            answer = client.request(method, path, headers=headers)
            assert error_of(answer, 403)["code"] == "wrong-origin"
            assert "access-control-allow-origin" not in answer.headers
        assert client.get("/api/jobs").json() == {"jobs": []}
    assert (folder / "manifest.json").exists()


def test_the_own_page_may(client: TestClient) -> None:
    own = {"origin": HERE, "sec-fetch-site": "same-origin"}
    assert client.post("/api/jobs", json={"query": ""}, headers=own).status_code == 202
    assert client.get("/api/country", headers={"sec-fetch-site": "none"}).status_code == 200
    # A link to the page may stand anywhere.
    other = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert client.get("/favicon.ico", headers=other).status_code == 204


def test_every_answer_carries_the_headers(client: TestClient) -> None:
    for path in ("/", "/api/country", "/api/nothing", "/page/nothing", "/api/evidence?text=crash"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
    refused = client.get("/", headers={"host": "evil.example"}).headers
    assert "default-src 'none'" in refused.get("content-security-policy", "")


OPEN = Address("192.168.0.2", PORT, TOKEN)


@pytest.fixture
def far(explorer: Explorer) -> Iterator[TestClient]:
    with client_of(explorer, OPEN) as client:
        client.headers["host"] = f"192.168.0.2:{PORT}"
        yield client


def test_beyond_this_machine_a_token_is_asked_for(far: TestClient) -> None:
    for path in ("/", "/api/country", "/page/style.css", "/runs/x/y.html", "/?token=wrong"):
        assert error_of(far.get(path), 401)["code"] == "token"
    assert error_of(far.post("/api/jobs?token=" + TOKEN, json={}), 401)["code"] == "token"
    wrong = {"cookie": f"{OPEN.cookie}=wrong"}
    assert far.get("/api/country", headers=wrong).status_code == 401
    assert far.get("/api/country", headers={"cookie": ";;=\x01"}).status_code == 401


def test_the_token_goes_from_the_address_into_a_cookie(far: TestClient) -> None:
    answer = far.get(f"/?seed=2&token={TOKEN}&hour=3")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?seed=2&hour=3")
    cookie = answer.headers["set-cookie"]
    assert f"{OPEN.cookie}={TOKEN}" in cookie
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    held = {"cookie": f"{OPEN.cookie}={TOKEN}"}
    assert far.get("/api/country", headers=held).status_code == 200
    assert far.get("/api/country", headers={**held, "host": "evil.example"}).status_code == 421
    strange = {**held, "origin": "http://evil.example"}
    assert far.post("/api/jobs", json={}, headers=strange).status_code == 403


def test_a_token_leads_nowhere_else(far: TestClient) -> None:
    for path in ("//evil.example", "/\\evil.example"):
        location = far.get(f"http://192.168.0.2:{PORT}{path}?token={TOKEN}").headers["location"]
        assert re.match(r"/[^/\\]", location)
        far.cookies.clear()


def test_answers_beyond_this_machine_are_small(far: TestClient) -> None:
    held = {"cookie": f"{OPEN.cookie}={TOKEN}", "accept-encoding": "gzip"}
    assert far.get("/api/country", headers=held).headers["content-encoding"] == "gzip"


def test_a_token_is_long_and_never_the_same() -> None:
    assert len({make_token() for _ in range(100)}) == 100
    assert len(make_token()) >= 32


def test_which_addresses_are_this_machine() -> None:
    assert all(is_loopback(host) for host in ("127.0.0.1", "127.1.2.3", "::1", "localhost"))
    others = ("0.0.0.0", "::", "192.168.0.2", "example.org", "")
    assert not any(is_loopback(host) for host in others)


def test_listening_everywhere_knows_no_names() -> None:
    everywhere = Address("0.0.0.0", PORT, TOKEN)
    for host in (f"192.168.0.2:{PORT}", f"[fe80::1]:{PORT}", f"localhost:{PORT}"):
        assert everywhere.allows(host)
    assert not everywhere.allows(f"evil.example:{PORT}")
    assert everywhere.url == f"http://127.0.0.1:{PORT}/?token={TOKEN}"
    assert Address("::1", PORT).allows(f"[::1]:{PORT}")
    assert Address("127.0.0.1", 80).allows("localhost")


# How much


def test_a_large_body_is_refused(client: TestClient) -> None:
    large = b"x" * (safety.LARGEST_BODY + 1)
    assert error_of(client.post("/api/jobs", content=large), 413)["code"] == "too-large"

    def piece_by_piece() -> Iterator[bytes]:
        for _ in range(70):
            yield b"x" * 1024

    answer = client.post("/api/jobs", content=piece_by_piece())
    assert error_of(answer, 413)["code"] == "too-large"
    for length in ("-1", "x", "9" * 40):
        answer = client.post("/api/jobs", content=b"{}", headers={"content-length": length})
        assert answer.status_code == 413


def test_a_long_address_is_refused(client: TestClient) -> None:
    answer = client.get("/api/link?x=" + "y" * safety.LONGEST_QUERY)
    assert error_of(answer, 414)["code"] == "too-long"
    assert client.get("/api/link?x=" + "y" * 5000).json()["notes"][0]["code"] == "too-long"


def test_a_body_that_does_not_come_is_not_waited_for(
    explorer: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(safety, "SECONDS_FOR_A_BODY", 0.05)
    sent: list[Any] = []

    async def never() -> Any:
        await asyncio.sleep(60)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/api/jobs", "raw_path": b"/api/jobs",
        "query_string": b"", "scheme": "http", "root_path": "",
        "headers": [(b"host", f"127.0.0.1:{PORT}".encode())],
    }  # fmt: skip
    app = build_app(explorer, Address("127.0.0.1", PORT))
    # In a thread of its own: a browser test of this process may keep an event loop running here.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: asyncio.run(app(scope, never, send))).result()
    explorer.close()
    assert sent[0]["status"] == 408
    assert json.loads(sent[1]["body"])["error"]["code"] == "too-slow"


# Where it may not go


@pytest.mark.parametrize(
    "path",
    ["/page/../server.py", "/page/%2e%2e/server.py", "/page/..%2fserver.py", "/page/%2fetc/passwd",
     "/page/..%5cserver.py", "/page//etc/passwd", "/page/%00", "/page/js/../../server.py",
     "/runs/../x.html", "/runs/..%2f../x.html", "/runs/%2e%2e/secret.html", "/runs/./secret.html",
     "/runs/mine/..%2fsecret.html", "/runs/mine/%2e%2e%2fsecret.html", "/runs/mine/manifest.json",
     "/runs/..%5cmine/report.html", "/api/worlds/run:..", "/api/worlds/run:..%2f..",
     "/api/worlds/run:..%5c.."],
)  # fmt: skip
def test_no_path_leads_out(explorer: Explorer, client: TestClient, path: str) -> None:
    run_folder(explorer)
    (explorer.runs.parent / "secret.html").write_text("SECRET", encoding="utf-8")
    answer = client.get(path)
    assert answer.status_code in (400, 404)
    assert "SECRET" not in answer.text
    assert "from __future__" not in answer.text
    assert str(explorer.runs) not in answer.text


def test_no_traceback_leaves_the_server(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get("/api/evidence?text=crash")
    assert error_of(answer, 500)["code"] == "internal"
    for word in ("secret", "Traceback", "ZeroDivision", ".py"):
        assert word not in answer.text
    assert "ZeroDivisionError: the secret of the machine" in caplog.text
    assert client.get("/api/country").status_code == 200


def test_a_page_of_nothing_helps_people(client: TestClient) -> None:
    page = client.get("/nothing?<script>", headers=HTML)
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert '<a href="/">' in page.text
    crash = client.get("/runs/<b>x</b>/y.html", headers=HTML)
    assert "<b>x" not in crash.text
    assert error_of(client.get("/api/nothing", headers=HTML), 404)["code"] == "not-found"


def test_folders_of_this_machine_stay_here(client: TestClient) -> None:
    error = error_of(client.get("/api/evidence?claim=bad"), 422)
    assert "/home/somebody" not in str(error)
    assert error["message"].startswith("claims.yaml: no such claim")
    home = Path.home()
    assert request.without_folders(f"cannot write {home}/runs/x") == "cannot write runs/x"


def test_wrong_methods_are_refused_in_the_same_form(client: TestClient) -> None:
    for method, path in (("PUT", "/api/jobs"), ("DELETE", "/api/country"), ("POST", "/api/runs")):
        assert error_of(client.request(method, path), 405)["code"] == "not-allowed"
    assert client.post("/").status_code == 405
