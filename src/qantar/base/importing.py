"""Modules that are imported while something else is being computed."""

from __future__ import annotations

import importlib
from contextlib import suppress
from threading import Thread


def begin_import(name: str) -> None:
    """Begin to import a module on a thread of its own.

    Compiled code needs no Python meanwhile, so that what only the end of a command needs costs
    little time. An import statement for the same module waits until it is there, and reports what
    is wrong with it.

    Parameters
    ----------
    name : str
        Full name of the module.
    """

    def load() -> None:
        with suppress(Exception):  # the import statement raises it again, where it is needed
            importlib.import_module(name)

    Thread(target=load, name=f"import {name}").start()
