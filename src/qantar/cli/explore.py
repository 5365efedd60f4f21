"""``qantar explore``: serve the explorer to a browser on this machine."""

from __future__ import annotations

import signal
import threading
import webbrowser
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from qantar.base.errors import QantarError
from qantar.cli.names import PACK, complete_names
from qantar.cli.output import RUNS
from qantar.packs.loading import find_pack

PORT = 8022


def explore(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 for any free port.")] = PORT,
    open_page: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in a browser.")
    ] = True,
    runs: Annotated[Path, typer.Option(help="Folder of run directories.")] = RUNS,
    host: Annotated[
        str,
        typer.Option(help="Address to listen on; any but this machine's needs a token."),
    ] = "127.0.0.1",
    pack: Annotated[
        str, typer.Option(help="A shipped pack or a folder.", autocompletion=complete_names("pack"))
    ] = PACK,
) -> None:
    """Open the explorer in a browser: the unrest hour by hour, what-ifs, sources."""
    missing = [name for name in ("starlette", "uvicorn") if find_spec(name) is None]
    if missing:
        raise QantarError(
            f"the explorer needs {' and '.join(missing)}", hint="pip install --upgrade qantar"
        )
    from qantar.explorer.safety import Address, is_loopback, make_token
    from qantar.explorer.server import build_app, listen, make_server
    from qantar.explorer.service import Explorer

    console = Console(highlight=False, soft_wrap=True)
    find_pack(pack)
    if runs.exists() and not runs.is_dir():
        raise QantarError(f"--runs {runs} is not a folder", hint="choose a folder, or leave it out")
    listening = listen(host, port)
    found = listening.getsockname()[1]
    if port not in (0, found):
        console.print(f"Port {port} is taken; {found} is used instead.")
    address = Address(host, found, None if is_loopback(host) else make_token())
    explorer = Explorer(runs, pack)

    def end(_number: int, _frame: object) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, end)

    def ready() -> None:
        console.print(f"The explorer is at {address.url} (Ctrl-C ends it)", markup=False)
        if open_page:
            threading.Thread(target=webbrowser.open, args=(address.url,), daemon=True).start()

    try:
        make_server(build_app(explorer, address), ready).run(sockets=[listening])
    except KeyboardInterrupt:
        pass
    finally:
        explorer.close()
        listening.close()
        console.print("The explorer has ended.")
