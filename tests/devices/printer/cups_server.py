"""A real cupsd of our own: its folders, port and raw queue, nothing of the machine's. One that is missing is installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

CUPSD = "/usr/sbin/cupsd"
BACKEND = Path("/usr/lib/cups/backend/socket")
PACKAGES = ("cups", "cups-client")
START_S = 20.0

FILES = """ServerRoot {0}/etc
RequestRoot {0}/spool
TempDir {0}/spool/tmp
CacheDir {0}/cache
StateDir {0}/run
AccessLog {0}/access
ErrorLog {0}/error
PageLog {0}/page
"""
SERVER = """Listen 127.0.0.1:{0}
Browsing No
WebInterface No
DefaultAuthType None
<Location />
Allow 127.0.0.1
</Location>
<Location /admin>
Allow 127.0.0.1
</Location>
<Policy default>
<Limit All>
Order deny,allow
Allow all
</Limit>
</Policy>
"""


def install() -> None:
    """Raises CalledProcessError when apt cannot."""
    if BACKEND.exists() and shutil.which("lp"):
        return
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = [*as_root, "apt-get", "-q", "-y"]
    subprocess.run([*apt, "update"], check=True, capture_output=True, timeout=120)
    subprocess.run(
        [*apt, "install", "--no-install-recommends", *PACKAGES], check=True, capture_output=True, timeout=300, env=env
    )


def free_port() -> int:
    """Below the range the kernel gives away by itself, so that nobody takes it between now and cupsd's start."""
    for port in range(21_631, 32_000, 7):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port below 32000")


class CupsServer:
    def __init__(self) -> None:
        install()
        self.folder = Path(tempfile.mkdtemp(prefix="cups-"))
        self.folder.chmod(0o755)  # the filters and backends run as another user
        self.port = free_port()
        for name in ("etc", "spool/tmp", "cache", "run"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "etc/cups-files.conf").write_text(FILES.format(self.folder))
        (self.folder / "etc/cupsd.conf").write_text(SERVER.format(self.port))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def at(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        etc = self.folder / "etc"
        command = [CUPSD, "-f", "-c", str(etc / "cupsd.conf"), "-s", str(etc / "cups-files.conf")]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + START_S
        turn = threading.Event()
        while time.monotonic() < until and self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            turn.wait(0.05)
        raise RuntimeError(f"cupsd did not start: {(self.folder / 'error').read_text()[-500:]}")

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(10.0)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5.0)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    def run(self, program: str, *words: str) -> str:
        command = [shutil.which(program) or f"/usr/sbin/{program}", "-h", self.at, *words]
        env = {**os.environ, "LC_ALL": "C"}
        done = subprocess.run(command, capture_output=True, text=True, timeout=15, env=env, check=False)
        return done.stdout

    def queue(self, name: str, where: str) -> None:
        """A raw queue to the printer at `where` (tcp://…)."""
        to = f"socket://{where.removeprefix('tcp://')}/?waiteof=false"
        self.run("lpadmin", "-p", name, "-E", "-v", to, "-m", "raw")
