"""``python -m qantar``."""

from qantar.cli import main

main()
