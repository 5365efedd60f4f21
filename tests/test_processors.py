"""The same bytes on every processor. Run as a program, it prints a hash of some runs."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import pytest
from numba.core.codegen import get_host_cpu_features

from example_runs import arvenia, members
from qantar.simulate.ensemble import follow_member
from qantar.simulate.scenario import make_scenario

FEATURES = get_host_cpu_features().split(",")


def digest_of_runs() -> str:
    """Return a hash of two members of the small country and two of January, by rules."""
    digest = hashlib.sha256()
    for scenario in (arvenia(), make_scenario("january-2022", decisions="rules", belief="prior")):
        for member in members(scenario, 2):
            for part in follow_member(scenario.environment, member, scenario.episode.hours):
                digest.update(part.tobytes())
    return digest.hexdigest()


@pytest.mark.slow
@pytest.mark.skipif("+sse2" not in FEATURES, reason="not an x86-64 processor")
@pytest.mark.parametrize(("processor", "needs"), [("generic", "+sse2"), ("x86-64-v3", "+avx2")])
def test_code_for_a_lesser_processor_gives_the_same_bytes(
    processor: str, needs: str, pytestconfig: pytest.Config
) -> None:
    """The code is kept between test runs, because compiling it takes half a minute."""
    if needs not in FEATURES:
        pytest.skip(f"this processor has no {needs[1:]}")
    assert pytestconfig.cache is not None
    done = subprocess.run(
        [sys.executable, __file__],
        env={
            **os.environ,
            "NUMBA_CPU_NAME": processor,
            "NUMBA_CPU_FEATURES": "",
            "XDG_CACHE_HOME": str(pytestconfig.cache.mkdir("other-processors")),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == digest_of_runs()


if __name__ == "__main__":
    sys.stdout.write(digest_of_runs())
