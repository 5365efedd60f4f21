"""``qantar cite``: the citations of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qantar.analysis.run_directory import open_run


def cite(
    run: Annotated[Path, typer.Argument(help="A run directory.")],
) -> None:
    """Print the citations of a run: software, sources, literature."""
    manifest = open_run(run).manifest
    what = "the years" if manifest.get("work") == "years" else manifest.get("episode")
    rule = f"law {manifest['law']}" if "law" in manifest else f"account {manifest['account']}"
    typer.echo(
        f"Run of {what} under the {rule}, "
        f"{manifest['members']} members, seed {manifest['seed']}, "
        f"pack {manifest['pack']} {manifest['pack_fingerprint'][:12]}"
    )
    for line in manifest["citations"]:
        typer.echo(line)
