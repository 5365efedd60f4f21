"""Make the world that the explorer shows at first, and ships with Qantar.

    python scripts/make_default_world.py

Run it after every change of the model or of the pack of Kazakhstan; `tests/test_default_world.py`
says when the file is out of date.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from rich.console import Console

from qantar.explorer.default_world import DEFAULT_WORLD, pack_world
from qantar.explorer.jobs import Progress
from qantar.explorer.links import load_shown_episode
from qantar.explorer.serializers import SHIPPED
from qantar.explorer.simulate import run_world
from qantar.explorer.worlds import World


def main() -> None:
    """Run the world of the default link and write it as one file."""
    console = Console(highlight=False, soft_wrap=True)
    ground = load_shown_episode(SHIPPED)
    asked = ground.world(ground.start)
    with console.status("running") as status, tempfile.TemporaryDirectory() as parent:

        def report(progress: Progress) -> None:
            count = f": {progress.done} of {progress.total}" if progress.total else ""
            status.update(f"{progress.stage}{count}")

        folder = Path(parent) / asked.key
        run_world(asked, folder, report)
        World(folder).csv("facts")  # the table is computed from the arrays, which are not shipped
        pack_world(folder, DEFAULT_WORLD)
    size = DEFAULT_WORLD.stat().st_size / 1000
    console.print(f"{DEFAULT_WORLD.name}: {asked.key}, {size:.0f} kB")


if __name__ == "__main__":
    main()
