"""An explorer with small fakes for what reads evidence and runs the model."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import explorer_tasks
from qantar.base.errors import FileError, QantarError
from qantar.explorer.safety import Address
from qantar.explorer.server import build_app
from qantar.explorer.service import Explorer, Parts, load_shown_episode

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # newer versions would rather have httpx2; httpx works
    from starlette.testclient import TestClient

PORT = 8022
HERE = f"http://127.0.0.1:{PORT}"
TOKEN = "the-token"
GROUND = load_shown_episode("kazakhstan")
HTML = {"accept": "text/html,*/*"}


class FakeWorld:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def payload(self) -> bytes:
        return (self.folder / "world.json").read_bytes()

    def frames(self, side: str, layer: str) -> bytes:
        return f"{side} {layer}".encode() * 1000

    def member(self, side: str, k: int, layer: str) -> bytes:
        return f"{side} {k} {layer}".encode()

    def csv(self, name: str, **choice: Any) -> str:
        return f"# {name} {sorted((k, v) for k, v in choice.items() if v)}\n"


class FakeEvidence:
    def find(self, **sought: Any) -> dict[str, Any]:
        if sought.get("text") == "crash":
            raise ZeroDivisionError("the secret of the machine")
        if sought.get("claim") == "bad":
            path = Path("/home/somebody/qantar/pack/claims.yaml")
            raise FileError(path, "no such claim", expected="a claim", hint="look again")
        return sought


def page_of(runs: Path, name: str, file: str) -> Path:
    if not (runs / name / file).is_file():
        raise QantarError(f"no page {file!r}", hint="look again")
    return runs / name / file


PARTS = Parts(
    ground=lambda _pack: GROUND,
    country=lambda _ground: {"country": "Kazakhstan", "long": "x" * 10_000},
    evidence=lambda _ground: FakeEvidence(),
    timeline=lambda _ground, _evidence: {"reports": []},
    causes=lambda _evidence: {"groups": []},
    accounts=lambda _ground: {"accounts": []},
    state=lambda _ground: {"parts": []},
    run_world=f"{explorer_tasks.__name__}:world",
    keep=f"{explorer_tasks.__name__}:keep",
    run_years=f"{explorer_tasks.__name__}:years",
    prepare="",
    default_world=Path("no-default-world.zip"),
    open_world=FakeWorld,
    open_run=lambda runs, name, _cache: FakeWorld(runs / name),
    list_runs=lambda runs: [{"name": path.name} for path in runs.glob("*/")],
    delete_run=lambda runs, name: (runs / name / "manifest.json").unlink(),
    page_of=page_of,
)


def made(folder: Path, parts: Parts = PARTS, **more: Any) -> Explorer:
    return Explorer(folder / "runs", parts=parts, beside=folder, **more)


def client_of(explorer: Explorer, address: Address | None = None) -> TestClient:
    address = address or Address("127.0.0.1", PORT)
    return TestClient(build_app(explorer, address), HERE, follow_redirects=False)


def error_of(answer: Any, status: int) -> dict[str, str]:
    assert answer.status_code == status, answer.text
    error: dict[str, str] = answer.json()["error"]
    assert set(error) == {"code", "message", "expected", "hint"}
    assert error["message"]
    return error


def run_folder(explorer: Explorer, name: str = "mine") -> Path:
    folder = explorer.runs / name
    folder.mkdir()
    (folder / "manifest.json").write_text("{}", encoding="utf-8")
    (folder / "world.json").write_text('{"key":"run"}', encoding="utf-8")
    (folder / "report.html").write_text("<p>report</p>", encoding="utf-8")
    return folder
