"""What never changes while the server runs: made once, in threads, and kept as bytes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from qantar.explorer.link import Ground
from qantar.explorer.parts import Parts, Payload

Made = TypeVar("Made")


class Standing:
    """The pack, its evidence and the answers made of them, each there as soon as it can be.

    Parameters
    ----------
    pack : str
    parts : Parts

    Attributes
    ----------
    ground : Future of Ground
    evidence : Future
        Can be searched.
    country, timeline, causes, accounts : Future of bytes
        JSON.
    """

    def __init__(self, pack: str, parts: Parts) -> None:
        self._pack = pack
        self._parts = parts
        self.ground: Future[Ground] = _promised()
        self.evidence: Future[Any] = _promised()
        self.country: Future[bytes] = _promised()
        self.timeline: Future[bytes] = _promised()
        self.causes: Future[bytes] = _promised()
        self.accounts: Future[bytes] = _promised()

    def start(self) -> None:
        """Begin; the page does not wait for it."""
        # Daemons: a server that is told to end does not wait for evidence that nobody will read.
        threading.Thread(target=self._begin, daemon=True).start()

    def _begin(self) -> None:
        parts = self._parts
        _keep(self.ground, lambda: parts.ground(self._pack))
        _keep(self.country, lambda: as_json(parts.country(self.ground.result())))
        threading.Thread(target=self._read_accounts, daemon=True).start()
        _keep(self.evidence, lambda: parts.evidence(self.ground.result()))
        _keep(
            self.timeline,
            lambda: as_json(parts.timeline(self.ground.result(), self.evidence.result())),
        )
        _keep(self.causes, lambda: as_json(parts.causes(self.evidence.result())))

    def _read_accounts(self) -> None:
        _keep(self.accounts, lambda: as_json(self._parts.accounts(self.ground.result())))


def as_json(payload: Payload) -> bytes:
    """Return a payload as bytes; a number that is none is an error of ours, not JSON."""
    text = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode()


def _promised() -> Future[Any]:
    promise: Future[Any] = Future()
    # As if under way: one reader who goes away must not cancel it for the others.
    promise.set_running_or_notify_cancel()
    return promise


def _keep(promise: Future[Made], make: Callable[[], Made]) -> None:
    """Make something and keep it, or what went wrong."""
    try:
        promise.set_result(make())
    except Exception as error:  # noqa: BLE001 - it is raised again for everybody who asks
        promise.set_exception(error)
