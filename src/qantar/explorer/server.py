"""The server: addresses, guards, and a socket on this machine."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import h11
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from uvicorn.protocols.http.h11_impl import H11Protocol

from qantar.base.errors import OutputError, QantarError
from qantar.explorer.error_responses import NoTraceback, on_http, on_refusal
from qantar.explorer.routes import routes
from qantar.explorer.safety import Address, Guard, is_loopback
from qantar.explorer.service import Explorer

PORTS_TRIED = 20
MOST_CONNECTIONS = 400
LARGEST_HEAD = 16 * 1024
SECONDS_FOR_A_HEAD = 10.0
SECONDS_TO_END = 2

_LEAST_ZIPPED = 4096
_ZIPPED_LITTLE = 4  # of 9: the network is fast, the processor is shared


def build_app(explorer: Explorer, address: Address) -> Starlette:
    """Return the application.

    Parameters
    ----------
    explorer : Explorer
        Started and closed with the application.
    address : Address
    """

    @asynccontextmanager
    async def life(_app: Starlette) -> AsyncIterator[None]:
        explorer.start()
        try:
            yield
        finally:
            await run_in_threadpool(explorer.close)

    middleware = [Middleware(Guard, address=address), Middleware(NoTraceback)]
    if not is_loopback(address.host):
        # On this machine, compressing costs more than it saves.
        zipped = Middleware(
            GZipMiddleware, minimum_size=_LEAST_ZIPPED, compresslevel=_ZIPPED_LITTLE
        )
        middleware.append(zipped)
    return Starlette(
        routes=routes(explorer),
        middleware=middleware,
        exception_handlers={QantarError: on_refusal, HTTPException: on_http},
        lifespan=life,
    )


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on a port, or on one of the next if it is taken.

    Parameters
    ----------
    host : str
    port : int
        0 for any that is free.

    Raises
    ------
    OutputError
        If none can be had.
    """
    ports = [0] if port == 0 else range(port, min(port + PORTS_TRIED, 65535) + 1)
    why = ""
    for each in ports:
        try:
            return _bound(host, each)
        except OSError as error:
            why = error.strerror or str(error)
    raise OutputError(
        f"the explorer cannot listen on {host}, port {port}: {why}",
        expected="an address of this machine and a free port",
        mend="choose another --port, or --port 0 for any",
    )


def _bound(host: str, port: int) -> socket.socket:
    (family, kind, *_, where), *_ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    made = socket.socket(family, kind)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(where)
        made.listen(128)
    except OSError:
        made.close()
        raise
    return made


def server_of(app: Starlette, ready: Callable[[], None]) -> uvicorn.Server:
    """Return a server, to be run with the sockets that it is to listen on.

    Parameters
    ----------
    app : Starlette
    ready : callable
        Called once when the first request can come.
    """
    config = uvicorn.Config(
        app,
        http=_Impatient,
        ws="none",
        log_level="error",
        access_log=False,
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        h11_max_incomplete_event_size=LARGEST_HEAD,
        timeout_graceful_shutdown=SECONDS_TO_END,
    )
    return _Server(config, ready)


class _Server(uvicorn.Server):
    """A server that says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self._ready()


class _Impatient(H11Protocol):
    """HTTP that hangs up on who does not finish the head of a request."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._patience: Any = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Stop waiting once a head is whole; wait for the rest of one that has begun."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()
        elif self._patience is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._patience = self.loop.call_later(SECONDS_FOR_A_HEAD, self._hang_up)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _hang_up(self) -> None:
        self._patience = None
        if self.conn.their_state is h11.IDLE:
            self.transport.close()
