"""Access control: host, origin, token, request size and security headers.

A page of another site in the same browser must not be able to start jobs here, read anything or
delete runs. So `Guard` checks the ``Host`` header, the origin and ``Sec-Fetch-Site`` before
anything else. Requests from other machines need a token.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qantar.explorer.error_responses import RefusedError, refusal

LARGEST_BODY = 64 * 1024
LONGEST_QUERY = 8 * 1024
SECONDS_FOR_A_BODY = 10.0
_TOKEN_BYTES = 24

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
RUN_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""For pages of runs: their inline scripts run, but cannot reach this server."""

HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

RUN_PAGES = "/runs/"
"""URL prefix of the pages of runs.

They get no ``Cross-Origin-Opener-Policy``, which browsers refuse on a sandboxed page.
"""


def make_token() -> str:
    """Return a random token."""
    return base64.urlsafe_b64encode(os.urandom(_TOKEN_BYTES)).decode("ascii")


def is_loopback(host: str) -> bool:
    """Return whether an address can be reached only from this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Address:
    """Where the server listens, and the token that it requires.

    Attributes
    ----------
    host : str
    port : int
    token : str or None
        None if only this machine can connect.
    """

    host: str
    port: int
    token: str | None = None

    @property
    def cookie(self) -> str:
        """Name of the cookie with the token; browsers share cookies between ports."""
        return f"qantar-{self.port}"

    @property
    def url(self) -> str:
        """The URL to open, with the token if there is one."""
        host = "127.0.0.1" if _is_everywhere(self.host) else self.host
        query = f"?token={self.token}" if self.token else ""
        host = f"[{host}]" if ":" in host else host
        return f"http://{host}:{self.port}/{query}"

    def allows(self, host: str) -> bool:
        """Return whether a ``Host`` header names this server.

        Another site can let its own name resolve to this address (DNS rebinding), but its name is
        none of these.
        """
        has_port = ":" in host.rpartition("]")[2]
        name, _, port = host.rpartition(":") if has_port else (host, "", "80")
        if port != str(self.port):
            return False
        name = name.lower().removeprefix("[").removesuffix("]")
        if name in {"127.0.0.1", "localhost", self.host.lower()}:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return _is_everywhere(self.host)


class Guard:
    """Middleware that checks every request first and adds security headers to every response."""

    def __init__(self, app: ASGIApp, address: Address) -> None:
        self.app = app
        self.address = address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward a request, or refuse it."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        guarded = _with_headers(scope, send)
        try:
            answer = self._looked_at(scope)
            if answer is None:
                again = await _whole(Headers(scope=scope), receive)
        except RefusedError as error:
            answer = refusal(scope, error)
        if answer is not None:
            await answer(scope, receive, guarded)
            return
        await self.app(scope, again, guarded)

    def _looked_at(self, scope: Scope) -> Response | None:
        """Return a response that ends the request here, or None to forward it.

        Raises
        ------
        RefusedError
        """
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self.address.allows(hosts[0]):
            raise RefusedError(
                421,
                "wrong-host",
                "this server is not called that",
                expected=f"the address that the terminal shows, with port {self.address.port}",
                hint="open that address",
            )
        if len(scope["query_string"]) > LONGEST_QUERY:
            raise RefusedError(
                414,
                "too-long",
                f"the address is longer than {LONGEST_QUERY} characters",
                hint="take a shorter link",
            )
        _check_origin(scope, headers, hosts[0])
        return self._admitted(scope, headers)

    def _admitted(self, scope: Scope, headers: Headers) -> Response | None:
        """Require the token, if there is one; move it from the URL into a cookie."""
        token = self.address.token
        if token is None:
            return None
        fields = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = dict(fields).get("token", "")
        # The token is removed from the URL also for clients that have the cookie already.
        if scope["method"] == "GET" and hmac.compare_digest(given.encode(), token.encode()):
            rest = urlencode([(key, value) for key, value in fields if key != "token"])
            # Two leading slashes would lead to another server.
            path = "/" + scope["path"].lstrip("/\\")
            answer = RedirectResponse(f"{path}?{rest}" if rest else path, status_code=303)
            answer.set_cookie(self.address.cookie, token, httponly=True, samesite="strict")
            return answer
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(self.address.cookie)
        except CookieError:
            cookie = None
        if hmac.compare_digest(b"" if cookie is None else cookie.value.encode(), token.encode()):
            return None
        raise RefusedError(
            401,
            "token",
            "this page needs the token that the terminal shows",
            expected="the whole address, with ?token=",
            hint="open that address; if you have just done so from a link, load the page again",
        )


def _check_origin(scope: Scope, headers: Headers, host: str) -> None:
    """Refuse requests from pages of other sites.

    Raises
    ------
    RefusedError
    """
    reads = scope["method"] in ("GET", "HEAD")
    if reads and not scope["path"].startswith("/api/"):
        return
    origin = headers.get("origin")
    site = headers.get("sec-fetch-site")
    strange = origin is not None and origin != f"{scope.get('scheme', 'http')}://{host}"
    from_here = {None, "same-origin", "none"} if reads else {None, "same-origin"}
    if strange or site not in from_here:
        raise RefusedError(
            403,
            "wrong-origin",
            "another page asked for this; only the explorer's own page may",
            hint="open the explorer itself",
        )


async def _whole(headers: Headers, receive: Receive) -> Receive:
    """Read the body of a request, which must be small and arrive in time.

    Returns
    -------
    callable
        Returns the body once, and then further messages.

    Raises
    ------
    RefusedError
    """
    declared = headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared[:12]) > LARGEST_BODY:
        raise _too_large()
    try:
        body = await asyncio.wait_for(_body(receive), SECONDS_FOR_A_BODY)
    except TimeoutError:
        raise RefusedError(
            408, "too-slow", "the request took too long to arrive", hint="try again"
        ) from None
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again


async def _body(receive: Receive) -> bytes:
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b""  # the client has disconnected
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST_BODY:
            raise _too_large()
        if not message.get("more_body", False):
            return b"".join(parts)


def _too_large() -> RefusedError:
    return RefusedError(
        413,
        "too-large",
        f"the request is larger than {LARGEST_BODY // 1024} KiB",
        hint="send less: a link is enough",
    )


def _with_headers(scope: Scope, send: Send) -> Send:
    """Return a `send` that adds the security headers to a response."""
    run_page = scope["path"].startswith(RUN_PAGES)
    wanted: Mapping[str, str] = HEADERS
    if run_page:
        wanted = {k: v for k, v in HEADERS.items() if k != "Cross-Origin-Opener-Policy"}
        wanted = {**wanted, "Content-Security-Policy": RUN_POLICY}

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in wanted.items():
                headers[name] = value
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return guarded


def _is_everywhere(host: str) -> bool:
    return host in ("", "0.0.0.0", "::")
