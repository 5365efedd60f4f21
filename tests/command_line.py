"""The command line called in this process, which saves starting Python and loading the model."""

from __future__ import annotations

import io
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from qantar.cli import main


def run_qantar(*words: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Call ``qantar`` as a shell would, and return its exit code and what it printed.

    An exception other than `SystemExit` is raised: in a process of its own it would be a
    traceback, which no test expects.

    Parameters
    ----------
    *words : str
        The words after ``qantar``.
    folder : Path, optional
        The working directory.
    """
    stdout, stderr = io.StringIO(), io.StringIO()
    status: object = 0
    with (
        pytest.MonkeyPatch.context() as patch,
        chdir(folder or Path.cwd()),
        redirect_stdout(stdout),
        redirect_stderr(stderr),
    ):
        patch.setattr(sys, "argv", ["qantar", *words])
        try:
            main()
        except SystemExit as ended:
            status = ended.code
    # As the interpreter does: nothing is 0, and a message is 1.
    code = status if isinstance(status, int) else int(status is not None)
    return subprocess.CompletedProcess(
        ["qantar", *words], code, stdout.getvalue(), stderr.getvalue()
    )
