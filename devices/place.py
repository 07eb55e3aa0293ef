"""A simulator's place on the network. A port that was 0 is chosen once, and stays ours while the line is "unplugged": a
connection to it is then refused, and no other program is given it meanwhile."""

from __future__ import annotations

import socket


class Place:
    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self._any = port == 0
        self._kept: socket.socket | None = None

    def listen(self, backlog: int) -> socket.socket:
        """A listening socket, which the caller closes. Raises OSError when somebody else has the port."""
        if not self._any:
            return socket.create_server((self.host, self.port), backlog=backlog)
        if self._kept is None:
            # Bound and never listening: it keeps the port, and SO_REUSEPORT lets our own listener stand beside it.
            self._kept = self._bound(0)
            self.port = self._kept.getsockname()[1]
        server = self._bound(self.port)
        server.listen(backlog)
        return server

    def free(self) -> None:
        """The port may be anybody's; the next listen() chooses anew only if this place never had one."""
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.close()
            self._any = False

    def _bound(self, port: int) -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            made.bind((self.host, port))
        except OSError:
            made.close()
            raise
        return made
