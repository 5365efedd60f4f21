"""Every benchmark in one run.

python benchmarks/run_all.py [--json FILE]
"""

from __future__ import annotations

import commands
import draws
import engine
import growth
import peers
from table import report

if __name__ == "__main__":
    report({each.TITLE: each.measure for each in (engine, draws, commands, growth, peers)})
