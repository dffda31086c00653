"""Imported by every Python process of a guarded run: who opens a connection is noted and refused."""

import os
import socket
import sys

ATTEMPTS = os.environ["CLEARHER_NETWORK_ATTEMPTS"]


def _refused(what):
    def refuse(*arguments, **_):
        with open(ATTEMPTS, "a", encoding="utf-8") as handle:
            handle.write(f"{what} {arguments} by {sys.argv}\n")
        raise OSError("no network in this run")

    return refuse


class Guarded(socket.socket):
    """A socket that reaches nothing but this machine's own pipes."""

    def connect(self, address):
        if self.family == socket.AF_UNIX:
            return super().connect(address)
        return _refused("connect")(address)

    def connect_ex(self, address):
        return super().connect_ex(address) if self.family == socket.AF_UNIX else _refused("connect")(address)

    def sendto(self, *arguments):
        return super().sendto(*arguments) if self.family == socket.AF_UNIX else _refused("sendto")(*arguments)


socket.socket = Guarded
socket.getaddrinfo = _refused("getaddrinfo")
socket.gethostbyname = _refused("gethostbyname")
