"""`python -m tests.bench [NAME…] [--quick] [--cold]`: one JSON object a line; ends with 1 when a limit is not reached."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from tests.bench import deciding, devices, glass, outputs, requests, starting, syncing, troubles, weights, writing
from tests.bench.figure import Figure

Work = Callable[[bool], list[Figure]]

WORKS: dict[str, Work] = {
    "http1": requests.one_client,
    "http8": requests.eight_clients,
    "decide": deciding.work,
    "journal": writing.appends,
    "start": starting.work,
    "outputs": outputs.work,
    "devices": devices.work,
    "screen": glass.work,
    "sync": syncing.batches,
    "catchup": syncing.catching_up,
    "slowdisk": weights.slow_disk,
    "memory": weights.memory,
    "disk": weights.disk,
    "run": weights.run,
    "visits": glass.visits,
    "troubles": troubles.work,
}
COLD: dict[str, Work] = {"cold": weights.cold}  # minutes long, and it wants the network


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(WORKS)}")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, for a first look")
    parser.add_argument(
        "--cold", action="store_true", help="also from a fresh clone with an empty .venv: minutes, network"
    )
    args = parser.parse_args()
    works = {**WORKS, **(COLD if args.cold else {})}
    unknown = sorted(set(args.names) - set(works))
    if unknown:
        parser.error(f"{', '.join(unknown)}: expected some of {', '.join(works)}")
    missed = 0
    for name in args.names or works:
        for figure in works[name](args.quick):
            print(figure.line(), flush=True)
            missed += figure.kept is False
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
