"""How the loopback AWS sends its answers."""

from http import HTTPStatus
from socket import socket, socketpair
from typing import TYPE_CHECKING
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from werkzeug.serving import make_server

from nhi.sandbox.aws_server import WholeAnswers

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

REQUEST = b"POST / HTTP/1.1\r\nHost: iam.amazonaws.com\r\nContent-Length: 6\r\n\r\nAction"


class CountedSocket(socket):
    """A socket that counts what is handed to the kernel."""

    sent: int = 0

    def send(self, data: "ReadableBuffer", flags: int = 0, /) -> int:
        self.sent += 1
        return super().send(data, flags)

    def sendall(self, data: "ReadableBuffer", flags: int = 0, /) -> None:
        self.sent += 1
        super().sendall(data, flags)


@pytest.mark.parametrize("size", [0, 1, 300, 65_000])
def test_an_answer_is_handed_over_in_one_piece(size: int) -> None:
    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        environ["wsgi.input"].read(6)
        start_response(f"{HTTPStatus.OK} OK", [("Content-Length", str(size))])
        return [b"x" * size]

    ours, theirs = socketpair()
    server = make_server("127.0.0.1", 0, answer)
    with theirs, CountedSocket(fileno=ours.detach()) as counted, server:
        theirs.sendall(REQUEST)
        WholeAnswers(counted, ("127.0.0.1", 0), server)
        head, _, body = theirs.recv(128 * 1024).partition(b"\r\n\r\n")
    assert (counted.sent, head.split(b" ")[1], len(body)) == (1, b"200", size)
