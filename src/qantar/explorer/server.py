"""The HTTP server: the ASGI application, its middleware and its socket."""

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
from qantar.explorer.error_responses import ErrorMiddleware, on_http_error, on_qantar_error
from qantar.explorer.routes import routes
from qantar.explorer.safety import Address, Guard, is_loopback
from qantar.explorer.service import Explorer

PORTS_TRIED = 20
MOST_CONNECTIONS = 400
LARGEST_HEAD = 16 * 1024
SECONDS_FOR_A_HEAD = 10.0
SECONDS_TO_END = 2

_LEAST_ZIPPED = 4096
_COMPRESSION_LEVEL = 4  # of 9: the network is fast, the processor is shared


def build_app(explorer: Explorer, address: Address) -> Starlette:
    """Return the ASGI application.

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

    middleware = [Middleware(Guard, address=address), Middleware(ErrorMiddleware)]
    if not is_loopback(address.host):
        # On this machine, compressing costs more than it saves.
        zipped = Middleware(
            GZipMiddleware, minimum_size=_LEAST_ZIPPED, compresslevel=_COMPRESSION_LEVEL
        )
        middleware.append(zipped)
    return Starlette(
        routes=routes(explorer),
        middleware=middleware,
        exception_handlers={QantarError: on_qantar_error, HTTPException: on_http_error},
        lifespan=life,
    )


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on a port, or on one of the next if it is in use.

    Parameters
    ----------
    host : str
    port : int
        0 for any free port.

    Raises
    ------
    OutputError
        If no port can be used.
    """
    ports = [0] if port == 0 else range(port, min(port + PORTS_TRIED, 65535) + 1)
    why = ""
    for each in ports:
        made = None
        try:
            (family, kind, *_, where), *_ = socket.getaddrinfo(host, each, type=socket.SOCK_STREAM)
            made = socket.socket(family, kind)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind(where)
            made.listen(128)
        except OSError as error:
            why = error.strerror or str(error)
            if made is not None:
                made.close()
        else:
            return made
    raise OutputError(
        f"the explorer cannot listen on {host}, port {port}: {why}",
        expected="an address of this machine and a free port",
        hint="choose another --port, or --port 0 for any",
    )


def make_server(app: Starlette, ready: Callable[[], None]) -> uvicorn.Server:
    """Return a server, to be run with the sockets to listen on.

    Parameters
    ----------
    app : Starlette
    ready : callable
        Called once the server accepts requests.
    """
    config = uvicorn.Config(
        app,
        http=_HeadTimeoutProtocol,
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
    """A uvicorn server that calls a function when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the server and call the function."""
        await super().startup(sockets)
        self._ready()


class _HeadTimeoutProtocol(H11Protocol):
    """HTTP/1.1 with a timeout for the head of a request."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._timeout: Any = None

    def connection_made(self, transport: Any) -> None:
        """Start the timeout of the first request."""
        super().connection_made(transport)
        self._start_timeout()

    def data_received(self, data: bytes) -> None:
        """Cancel the timeout after a complete head; start it for one that is incomplete."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._cancel_timeout()
        elif self._timeout is None:
            self._start_timeout()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timeout."""
        self._cancel_timeout()
        super().connection_lost(exc)

    def _start_timeout(self) -> None:
        self._timeout = self.loop.call_later(SECONDS_FOR_A_HEAD, self._close_idle)

    def _cancel_timeout(self) -> None:
        if self._timeout is not None:
            self._timeout.cancel()
            self._timeout = None

    def _close_idle(self) -> None:
        self._timeout = None
        if self.conn.their_state is h11.IDLE:
            self.transport.close()
