"""What can be said of a driver before anything is opened: its declaration, its import, its construction."""

from __future__ import annotations

import os
import subprocess
import sys

from devices.tools.trial import Bench, Failed, census


def declares(bench: Bench) -> None:
    kind = bench.chosen.kind
    if not kind.zh or not kind.en:
        raise Failed("has no name in zh and en", "give Kind.zh and Kind.en")
    if not kind.schemes:
        raise Failed("names no line", 'give Kind.schemes, such as ("tcp://", "serial://")')
    config = getattr(kind.options, "__struct_config__", None)
    if config is None or not config.frozen or not config.forbid_unknown_fields:
        raise Failed("its options let slips pass", "options: a msgspec Struct, frozen=True, forbid_unknown_fields=True")
    slips = list(kind.check(bench.chosen.site(kind.schemes[0], bench.data), bench.chosen.options))
    if slips:
        raise Failed(f"check refuses its own defaults: {slips[0].key} {slips[0].what}", slips[0].remedy)


_WATCH = """
import sys, threading, importlib
seen = []
def hook(event, args):
    if event in ("socket.connect", "socket.bind", "subprocess.Popen", "os.openpty", "pty.spawn"):
        seen.append(event)
    elif event == "open" and isinstance(args[0], str) and args[0].startswith("/dev/") and "random" not in args[0]:
        seen.append("open " + args[0]) if args[0] != "/dev/null" else None
importlib.import_module("devices.transport")
before = threading.active_count()
sys.addaudithook(hook)
importlib.import_module(sys.argv[1])
if threading.active_count() > before: seen.append("started a thread")
print("; ".join(sorted(set(seen))))
"""


def imports(bench: Bench) -> None:
    module = bench.chosen.kind.make.__module__
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-c", _WATCH, module], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode:
        raise Failed(f"{module} cannot be imported: {done.stderr.strip().splitlines()[-1]}", "mend the import")
    if done.stdout.strip():
        raise Failed(f"importing {module} did: {done.stdout.strip()}", "do it in open()")


def makes(bench: Bench) -> None:
    before = census()
    driver = bench.driver(_nowhere(bench))
    if bench.lines or census() != before:
        raise Failed("making the driver opened something or started a thread", "do it in open()")
    driver.close()


def _nowhere(bench: Bench) -> str:
    return "tcp://127.0.0.1:1" if "tcp://" in bench.chosen.kind.schemes else f"{bench.chosen.kind.schemes[0]}/nowhere"
