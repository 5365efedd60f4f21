"""How the explorer bears twenty viewers and five what-ifs at once.

    python benchmarks/explorer.py [--viewers 20] [--whatifs 5] [--seconds 30]

First, how long a reader waits for the first picture of a world, and for the whole. Then viewers
fetch what a page fetches (the page, the country, frames of a world, evidence, the state of the
work), at first alone and then while the what-ifs run; the figures are for both, in one go.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx
import numpy as np

CHANGES = ("no-shoot-order", "no-foreign-troops", "price-cap-kept", "dialogue", "no-police-force")
PLACES = ("Almaty", "Zhanaozen", "Aktau", "Taraz", "Kyzylorda")


def main() -> None:
    """Start an explorer, load it, and print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--viewers", type=int, default=20)
    parser.add_argument("--whatifs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, explorer(Path(folder)) as address:
        measure(address, options.viewers, options.whatifs, options.seconds)


def measure(address: str, viewers: int, whatifs: int, seconds: float) -> None:
    """Load an explorer, first with viewers alone, then with what-ifs beside them."""
    with httpx.Client(base_url=address, timeout=60) as client:
        first_pictures(client)
        base = finished(client, asked(client, "", whole=True))
        show("viewers alone", load(address, base["key"], viewers, seconds))
        chosen = [change for change, _ in zip(cycle(CHANGES), range(whatifs), strict=False)]
        started = time.perf_counter()
        jobs = [
            asked(client, f"members=60&seed={k + 1}&change={change}")
            for k, change in enumerate(chosen)
        ]
        show(f"beside {len(jobs)} what-ifs", load(address, base["key"], viewers, seconds))
        for job in jobs:
            done = finished(client, job)
            print(f"  {done['title']}: {done['status']}, {done['seconds']:.1f} s of work")
        print(f"all what-ifs after {time.perf_counter() - started:.1f} s")


@contextmanager
def explorer(runs: Path) -> Iterator[str]:
    """Start an explorer on any free port; yield its address."""
    command = [sys.executable, "-m", "qantar", "explore", "--no-open", "--port", "0"]
    process = subprocess.Popen([*command, "--runs", str(runs)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = next(line for line in process.stdout if "http://" in line)
        yield next(word for word in line.split() if word.startswith("http://")).rstrip("/")
    finally:
        process.terminate()
        process.wait(timeout=20)


def first_pictures(client: httpx.Client) -> None:
    """Print the seconds to the first picture of worlds and to the last, and their ratio."""
    began = time.perf_counter()
    shipped = order(client, "")
    assert shipped["job"] is None, "the shipped world is out of date"
    client.get(f"/api/worlds/{shipped['key']}/frames/base/crowd").raise_for_status()
    print(f"shipped world: {time.perf_counter() - began:.2f} s")
    for query in ("account=state", "account=null", f"change={CHANGES[0]}"):
        began = time.perf_counter()
        job, first = asked(client, query), 0.0
        while (told := client.get(f"/api/jobs/{job}").json())["status"] in ("waiting", "running"):
            if told["preview"] and not first:
                client.get(f"/api/worlds/{told['preview']}/frames/base/crowd").raise_for_status()
                first = time.perf_counter() - began
            time.sleep(0.05)
        whole = time.perf_counter() - began
        print(
            f"{query}: first picture {first:.2f} s, whole {whole:.2f} s, {whole / first:.1f} times"
        )


def order(client: httpx.Client, query: str, *, whole: bool = False) -> dict[str, Any]:
    """Ask for a world; return its job, if it needs one, and its key."""
    headers = {"Origin": str(client.base_url).rstrip("/")}
    body = {"query": query, "kind": "world", "whole": whole}
    answer = client.post("/api/jobs", json=body, headers=headers)
    answer.raise_for_status()
    told: dict[str, Any] = answer.json()
    return told


def asked(client: httpx.Client, query: str, *, whole: bool = False) -> str:
    """Ask for a world; return the id of its job."""
    return str(order(client, query, whole=whole)["job"])


def finished(client: httpx.Client, job: str) -> dict[str, Any]:
    """Wait for a job to end; return what it says about itself."""
    while True:
        told: dict[str, Any] = client.get(f"/api/jobs/{job}").json()
        if told["status"] in ("done", "failed", "stopped"):
            return told
        time.sleep(0.3)


def load(address: str, world: str, viewers: int, seconds: float) -> dict[str, list[float]]:
    """Let viewers fetch for so long; return the seconds that each kind of request took."""
    took: dict[str, list[float]] = {}
    until = time.perf_counter() + seconds
    threads = [
        threading.Thread(target=view, args=(address, world, k, until, took)) for k in range(viewers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took


def view(address: str, world: str, number: int, until: float, took: dict[str, list[float]]) -> None:
    """Fetch what one viewer's page fetches, with pauses as a person makes them."""
    place = PLACES[number % len(PLACES)]
    paths = {
        "page": "/",
        "country": "/api/country",
        "frames": f"/api/worlds/{world}/frames/base/crowd",
        "link": "/api/link?hour=120&unit=place:Almaty",
        "work": "/api/jobs",
        "evidence": f"/api/evidence?unit=place:{place}&day=2022-01-05",
    }
    with httpx.Client(base_url=address, timeout=60) as client:
        while time.perf_counter() < until:
            for kind, path in paths.items():
                began = time.perf_counter()
                client.get(path).raise_for_status()
                took.setdefault(kind, []).append(time.perf_counter() - began)
                time.sleep(0.2)


def show(title: str, took: dict[str, list[float]]) -> None:
    """Print the middle, the 95th percentile and the longest, in milliseconds."""
    print(f"{title}: requests, then milliseconds in the middle, for 95 in 100, at most")
    for kind, seconds in took.items():
        middle, most, longest = np.quantile(np.array(seconds) * 1000, [0.5, 0.95, 1.0])
        print(f"  {kind:9} {len(seconds):5}  {middle:7.1f} {most:7.1f} {longest:7.1f}")


if __name__ == "__main__":
    main()
