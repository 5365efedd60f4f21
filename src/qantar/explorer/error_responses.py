"""Error responses: JSON for programs, a small page for browsers, and never a traceback."""

from __future__ import annotations

import html
import logging

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qantar.base.errors import FileError, QantarError, UnknownNameError
from qantar.explorer.jobs import BusyError, NoSuchJobError
from qantar.explorer.request import problem_of, without_folders
from qantar.explorer.workdir import WorldGoneError

_LOG = logging.getLogger(__name__)

_KINDS: tuple[tuple[type[QantarError], int, str], ...] = (
    (WorldGoneError, 404, "world-gone"),
    (NoSuchJobError, 404, "job-gone"),
    (BusyError, 429, "busy"),
    (UnknownNameError, 404, "unknown-name"),
    (FileError, 422, "file"),
)
"""HTTP status and error code by error class; the first match counts."""

_WORDS = {
    404: ("not-found", "there is nothing at this address", "go back to the map"),
    405: ("not-allowed", "this address cannot be used this way", "go back to the map"),
}

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Qantar: {problem}</title>
<h1>{problem}</h1><p>{expected}</p><p>{hint}</p><p><a href="/">To the map</a></p></html>
"""


class RefusedError(QantarError):
    """A request that is refused with a given HTTP status and error code.

    Attributes
    ----------
    status : int
    code : str
    """

    def __init__(
        self, status: int, code: str, problem: str, *, expected: str = "", hint: str = ""
    ) -> None:
        self.status = status
        self.code = code
        super().__init__(problem, expected=expected, hint=hint)


def refusal(scope: Scope, error: QantarError) -> Response:
    """Return the response to an error: JSON, or a small page for a browser outside ``/api/``."""
    if isinstance(error, RefusedError):
        status, code = error.status, error.code
    else:
        matches = ((status, code) for kind, status, code in _KINDS if isinstance(error, kind))
        status, code = next(matches, (400, "not-possible"))
    problem, expected, hint = (
        without_folders(text) for text in (problem_of(error), error.expected, error.hint)
    )
    accepts_html = b"text/html" in dict(scope["headers"]).get(b"accept", b"")
    if accepts_html and not scope["path"].startswith("/api/"):
        words = {"problem": problem, "expected": expected, "hint": hint}
        page = _PAGE.format(**{name: html.escape(text) for name, text in words.items()})
        return HTMLResponse(page, status)
    about = {"code": code, "message": problem, "expected": expected, "hint": hint}
    return JSONResponse({"error": about}, status)


def on_qantar_error(request: Request, error: Exception) -> Response:
    """Return the response to an error of Qantar."""
    assert isinstance(error, QantarError)
    return refusal(request.scope, error)


def on_http_error(request: Request, error: Exception) -> Response:
    """Return the response to an error of the router, such as an unknown path."""
    assert isinstance(error, HTTPException)
    code, problem, hint = _WORDS.get(
        error.status_code, ("refused", "this cannot be done", "go back to the map")
    )
    refused = RefusedError(error.status_code, code, problem, hint=hint)
    return refusal(request.scope, refused)


class ErrorMiddleware:
    """Middleware that answers unexpected errors with a sentence and logs the traceback."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception:
            _LOG.exception("%s %s", scope["method"], scope["path"])
            if begun:  # part of the response is sent: the connection is closed
                raise
            error = RefusedError(
                500,
                "internal",
                "something went wrong inside Qantar",
                hint="try again; the terminal in which the explorer runs says more",
            )
            await refusal(scope, error)(scope, receive, send)
