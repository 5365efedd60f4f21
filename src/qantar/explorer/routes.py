"""URL routes of the explorer and their request handlers."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from concurrent.futures import Future
from json import JSONDecodeError
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from qantar.explorer.error_responses import RefusedError
from qantar.explorer.links import named_episode, read_link
from qantar.explorer.service import Explorer, StaticData
from qantar.explorer.workdir import RUN, ShownWorld, WorldGoneError

PAGE = Path(__file__).with_name("page")

FOREVER = {"Cache-Control": "private, max-age=31536000, immutable"}
"""For worlds: the content of a key never changes."""

ASK_AGAIN = {"Cache-Control": "no-cache"}

_KEY = re.compile(r"[0-9a-f]{16}(-[0-9]{1,6}|-precomputed)?|run:[^/\\\x00]{1,200}")
_LONGEST_NAME = 200
_NO_NAME = re.compile(r"^\.|[/\\\x00]")
_WHOLE_NUMBER = re.compile(r"[0-9]{1,9}")
_PLAIN_NAME = re.compile(r"[a-z0-9_-]{1,40}")
_NOT_IN_A_FILE_NAME = re.compile(r"[^A-Za-z0-9._-]+")

_EVIDENCE_QUERY = {
    "unit": "unit",
    "from": "from_hour",
    "to": "to_hour",
    "day": "day",
    "claim": "claim",
    "target": "target",
    "source": "source",
    "text": "text",
    "limit": "limit",
}
"""Keys of an evidence query, with the arguments of `qantar.explorer.evidence.Evidence.find`."""

_WHOLE_NUMBERS = ("from", "to", "limit")
_HOURS_OPTIONS = ("side", "layer", "unit")

_JSON = "application/json"
_BINARY = "application/octet-stream"

_TYPES = {".js": "text/javascript", ".css": "text/css", ".json": _JSON}
"""Set explicitly: systems differ in their types for these suffixes, and browsers are strict."""

T = TypeVar("T")


class PageFiles(StaticFiles):
    """Static files of the page, revalidated by the browser at every request."""

    def file_response(self, full_path: Any, *args: Any, **more: Any) -> Response:
        """Return a file, or that it has not changed."""
        response = super().file_response(full_path, *args, **more)
        response.headers.update(ASK_AGAIN)
        kind = _TYPES.get(Path(full_path).suffix)
        if kind is not None and "content-type" in response.headers:
            response.headers["content-type"] = f"{kind}; charset=utf-8"
        return response

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file; a path with a null byte is not found."""
        if "\0" in path:
            raise RefusedError(404, "not-found", "there is nothing at this address")
        return await super().get_response(path, scope)


def routes(explorer: Explorer) -> list[BaseRoute]:
    """Return all routes."""
    files = PageFiles(directory=PAGE, check_dir=False)
    answers = Answers(explorer)
    worlds = "/api/worlds/{key}"
    return [
        Route("/", _Index(files)),
        Route("/favicon.ico", lambda _request: Response(status_code=204)),
        Route("/api/country", answers.country),
        Route("/api/timeline", answers.timeline),
        Route("/api/causes", answers.causes),
        Route("/api/accounts", answers.accounts),
        Route("/api/evidence", answers.evidence),
        Route("/api/years", answers.years),
        Route("/api/state", answers.state),
        Route("/api/link", answers.link),
        Route("/api/jobs", answers.ask, methods=["POST"]),
        Route("/api/jobs", answers.jobs),
        Route("/api/jobs/{job}", answers.job),
        Route("/api/jobs/{job}", answers.stop, methods=["DELETE"]),
        Route("/api/jobs/{job}/leave", answers.leave, methods=["POST"]),
        Route(worlds, answers.world),
        Route(worlds + "/frames/{side}/{layer}", answers.frames),
        Route(worlds + "/members/{side}/{k}/{layer}", answers.member),
        Route(worlds + "/download/{name}.csv", answers.download),
        Route("/api/runs", answers.runs),
        Route("/api/runs/{name}", answers.delete_run, methods=["DELETE"]),
        Route("/runs/{name}/{file}.html", answers.page_of_run),
        Mount("/page", files),
    ]


class _Index:
    """Serves the page itself."""

    def __init__(self, files: PageFiles) -> None:
        self._files = files

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Return the page."""
        if scope["method"] not in ("GET", "HEAD"):
            raise RefusedError(405, "not-allowed", "this address can only be read")
        response = await self._files.get_response("index.html", scope)
        await response(scope, receive, send)


class Answers:
    """Request handlers; those that read from disk are not async and so run in threads."""

    def __init__(self, explorer: Explorer) -> None:
        self._explorer = explorer

    async def country(self, request: Request) -> Response:
        """Return what the page needs before any world."""
        return _json(await _kept((await self._static(_link_of(request))).country))

    async def timeline(self, request: Request) -> Response:
        """Return what sources reported, by day."""
        return _json(await _kept((await self._static(_link_of(request))).timeline))

    async def causes(self, _request: Request) -> Response:
        """Return the matrix of causes by source."""
        return _json(await _kept(self._explorer.static.causes))

    async def accounts(self, request: Request) -> Response:
        """Return the accounts and how they compare."""
        return _json(await _kept((await self._static(_link_of(request))).accounts))

    def years(self, _request: Request) -> Response:
        """Return the histories of the years, once a job has run them."""
        return _json(self._explorer.years())

    async def state(self, _request: Request) -> Response:
        """Return the record of the state, without parts if the pack does not describe it."""
        return _json(await _kept(self._explorer.static.state))

    async def evidence(self, request: Request) -> Response:
        """Return the claims that match a query."""
        filters: dict[str, Any] = {}
        for key, value in request.query_params.items():
            if key == "episode":  # chooses the evidence, and is no filter
                continue
            if key not in _EVIDENCE_QUERY:
                raise RefusedError(
                    400,
                    "unknown-key",
                    f"the evidence cannot be searched by {key!r}",
                    expected=", ".join(_EVIDENCE_QUERY),
                )
            if value:
                is_number = key in _WHOLE_NUMBERS
                filters[_EVIDENCE_QUERY[key]] = _whole(key, value) if is_number else value
        evidence = await _kept((await self._static(_link_of(request))).evidence)
        return JSONResponse(await run_in_threadpool(lambda: evidence.find(**filters)))

    async def link(self, request: Request) -> Response:
        """Return what a link says."""
        query = _link_of(request)
        ground = await _kept((await self._static(query)).ground)
        read = await run_in_threadpool(read_link, query, ground)
        return JSONResponse(read.as_json())

    async def ask(self, request: Request) -> Response:
        """Queue a job for a world, a run directory or the years."""
        query, kind, whole = await _order(request)
        ground = await _kept((await self._static(query)).ground)
        job = await run_in_threadpool(self._explorer.ask, ground, query, kind, whole=whole)
        return JSONResponse({"job": job["id"], "key": job["key"], "query": job["query"]}, 202)

    def jobs(self, _request: Request) -> Response:
        """Return all jobs."""
        return JSONResponse({"jobs": self._explorer.jobs.all()})

    def job(self, request: Request) -> Response:
        """Return one job."""
        return JSONResponse(self._explorer.jobs.get(request.path_params["job"]))

    def stop(self, request: Request) -> Response:
        """Stop a job."""
        return JSONResponse(self._explorer.jobs.stop(request.path_params["job"]))

    def leave(self, request: Request) -> Response:
        """Withdraw one request for a job, which stops unless others still wait for it."""
        return JSONResponse(self._explorer.jobs.leave(request.path_params["job"]))

    def world(self, request: Request) -> Response:
        """Return the payload of a world."""
        return _lasting(request, self._read(request, lambda world: world.payload()), _JSON)

    def frames(self, request: Request) -> Response:
        """Return the quantiles of a layer at every hour and unit."""
        side, layer = _names(request, "side", "layer")
        content = self._read(request, lambda world: world.frames(side, layer))
        return _lasting(request, content, _BINARY)

    def member(self, request: Request) -> Response:
        """Return one member of a layer at every hour and unit."""
        side, layer = _names(request, "side", "layer")
        number = _whole("k", request.path_params["k"])
        content = self._read(request, lambda world: world.member(side, number, layer))
        return _lasting(request, content, _BINARY)

    def download(self, request: Request) -> Response:
        """Return a table of a world as CSV."""
        (name,) = _names(request, "name")
        choice = {key: request.query_params.get(key) for key in _HOURS_OPTIONS}
        table = self._read(request, lambda world: world.csv(name, **choice))
        stem = _NOT_IN_A_FILE_NAME.sub("-", f"qantar-{request.path_params['key']}-{name}")
        response = Response(table, media_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{stem}.csv"'
        return response

    def runs(self, _request: Request) -> Response:
        """Return the list of run directories."""
        return JSONResponse({"runs": self._explorer.parts.list_runs(self._explorer.runs)})

    def delete_run(self, request: Request) -> Response:
        """Delete a run directory."""
        name = self._run_there(request.path_params["name"])
        self._explorer.parts.delete_run(self._explorer.runs, name)
        return JSONResponse({"deleted": name})

    def page_of_run(self, request: Request) -> Response:
        """Return a page of a run directory."""
        name, file = self._run_there(request.path_params["name"]), request.path_params["file"]
        path = self._explorer.parts.page_of(self._explorer.runs, name, f"{file}.html")
        return FileResponse(path, headers=ASK_AGAIN, media_type="text/html; charset=utf-8")

    async def _static(self, query: str) -> StaticData:
        """Return the data of the episode that a link names, else of the one shown by default."""
        if not named_episode(query):
            return self._explorer.static
        ground = await _kept(self._explorer.static.ground)
        return await run_in_threadpool(self._explorer.static_for, ground, query)

    def _read(self, request: Request, read: Callable[[ShownWorld], T]) -> T:
        """Return the result of reading a world, which may be deleted meanwhile."""
        key = request.path_params["key"]
        if not _KEY.fullmatch(key):
            raise RefusedError(
                400,
                "bad-key",
                f"{quote(key)[:60]} is no key of a world",
                expected="sixteen digits as a job gives them, or run:NAME",
            )
        if key.startswith(RUN):
            self._run_there(key.removeprefix(RUN))
        try:
            return read(self._explorer.shelf.get(key))
        except FileNotFoundError:
            raise WorldGoneError(key) from None

    def _run_there(self, name: str) -> str:
        """Return the name of an existing run directory; its content is checked later."""
        plain = len(name.encode()) <= _LONGEST_NAME and not _NO_NAME.search(name)
        if not plain or not (self._explorer.runs / name).is_dir():
            raise RefusedError(
                404,
                "run-gone",
                f"there is no run {name[:_LONGEST_NAME]!r} in the folder of results",
                hint="it may have been deleted or renamed; the list of runs shows what is there",
            )
        return name


def _lasting(request: Request, content: bytes, kind: str) -> Response:
    """Return a response that is cached for as long as its world cannot change."""
    is_run = request.path_params["key"].startswith(RUN)
    return Response(content, media_type=kind, headers=ASK_AGAIN if is_run else FOREVER)


def _link_of(request: Request) -> str:
    """Return the query string of a request."""
    text: str = request.scope["query_string"].decode("utf-8", "replace")
    return text


async def _kept(promise: Future[T]) -> T:
    """Wait for static data without blocking a thread."""
    return await asyncio.wrap_future(promise)


def _json(content: bytes) -> Response:
    return Response(content, media_type=_JSON, headers=ASK_AGAIN)


async def _order(request: Request) -> tuple[str, str, bool]:
    """Return the link and the kind of job of a request body, and whether all members are needed.

    Raises
    ------
    RefusedError
    """
    expected = '{"query": "a link", "kind": "world", "keep" or "years"}'
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise RefusedError(415, "not-json", "the order is not sent as JSON", expected=expected)
    try:
        body = json.loads(await request.body())
    except (JSONDecodeError, UnicodeDecodeError, RecursionError):
        raise RefusedError(400, "not-json", "the order is not JSON", expected=expected) from None
    if not isinstance(body, dict):
        raise RefusedError(400, "not-json", "the order is no object", expected=expected)
    query, kind = body.get("query", ""), body.get("kind", "world")
    if not isinstance(query, str) or not isinstance(kind, str):
        raise RefusedError(400, "not-text", "the order holds no texts", expected=expected)
    return query, kind, body.get("whole") is True


def _whole(key: str, value: str) -> int:
    """Return a whole number from a query or path."""
    if not _WHOLE_NUMBER.fullmatch(value):
        raise RefusedError(
            400, "not-a-number", f"{key} is {value[:40]!r}", expected="a whole number from 0"
        )
    return int(value)


def _names(request: Request, *keys: str) -> list[str]:
    """Return parts of the path, which must be plain names."""
    values = [request.path_params[key] for key in keys]
    for key, value in zip(keys, values, strict=True):
        if not _PLAIN_NAME.fullmatch(value):
            raise RefusedError(404, "unknown-name", f"there is no {key} {value[:40]!r}")
    return values
