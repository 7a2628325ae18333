"""A WebSocket (RFC 6455) from the client's side: the handshake, masked frames, pings. No extension, no cookie."""

import base64
import hashlib
import secrets
import socket
import ssl
import struct
import time
from urllib.parse import urlsplit

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
MAX_MESSAGE_BYTES = 2**16
MAX_HEAD_BYTES = 2**14


class ConnectionLost(Exception):
    """The connection or an answer was lost: what was sent may have arrived or not."""


class WebSocket:
    """One fresh connection. Every method raises ConnectionLost when it breaks or `timeout_s` passes."""

    def __init__(self, base_url, target, timeout_s):
        url = urlsplit(base_url)
        is_secure = url.scheme == "https"
        port = url.port or (443 if is_secure else 80)
        self._buffer = b""
        self._deadline = time.monotonic() + timeout_s
        try:
            self._socket = socket.create_connection((url.hostname, port), timeout_s)
        except OSError as cause:
            raise ConnectionLost(f"{target.partition('?')[0]}: no connection") from cause
        try:
            if is_secure:
                context = ssl.create_default_context()
                self._socket = context.wrap_socket(self._socket, server_hostname=url.hostname)
            self._shake_hands(url.path + target, url.netloc.rpartition("@")[2])
        except (OSError, ConnectionLost) as cause:
            self._socket.close()
            raise ConnectionLost(f"{target.partition('?')[0]}: not let in") from cause

    def send(self, data, opcode=None):
        """A text message for a str, a binary one for bytes; in one frame, masked as a client must."""
        if opcode is None:
            opcode = TEXT if isinstance(data, str) else BINARY
        payload = data.encode() if isinstance(data, str) else bytes(data)
        if len(payload) < 126:
            length = struct.pack("!B", 0x80 | len(payload))
        elif len(payload) < 2**16:
            length = struct.pack("!BH", 0x80 | 126, len(payload))
        else:
            length = struct.pack("!BQ", 0x80 | 127, len(payload))
        mask = secrets.token_bytes(4)
        try:
            self._socket.sendall(bytes([0x80 | opcode]) + length + mask + masked(payload, mask))
        except OSError as cause:
            raise ConnectionLost("the connection broke") from cause

    def receive(self, timeout_s):
        """The next message: str or bytes."""
        self._deadline = time.monotonic() + timeout_s
        parts, kind = [], None
        while True:
            is_last, opcode, payload = self._frame()
            if opcode == PING:
                self.send(payload, PONG)
            elif opcode == CLOSE:
                raise ConnectionLost("the other side hung up")
            elif opcode != PONG:
                kind = kind or opcode
                parts.append(payload)
                if sum(map(len, parts)) > MAX_MESSAGE_BYTES:
                    raise ConnectionLost("a message that is too long")
                if is_last:
                    data = b"".join(parts)
                    return data.decode(errors="replace") if kind == TEXT else data

    def close(self):
        try:
            self.send(struct.pack("!H", 1000), CLOSE)
        except ConnectionLost:
            pass
        self._socket.close()

    def _shake_hands(self, target, host):
        key = base64.b64encode(secrets.token_bytes(16))
        lines = [
            f"GET {target} HTTP/1.1",
            f"Host: {host}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key.decode()}",
            "Sec-WebSocket-Version: 13",
        ]
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())
        while b"\r\n\r\n" not in self._buffer:
            if len(self._buffer) > MAX_HEAD_BYTES:
                raise ConnectionLost("a head that is too long")
            self._more()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        status, *rest = head.decode("latin-1").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        accept = base64.b64encode(hashlib.sha1(key + _GUID).digest()).decode()
        if status.split(" ")[1:2] != ["101"] or headers.get("sec-websocket-accept") != accept:
            raise ConnectionLost("no WebSocket")

    def _frame(self):
        first, second = self._take(2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self._take(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self._take(8))
        if first & 0x70 or second & 0x80 or length > MAX_MESSAGE_BYTES:
            raise ConnectionLost("a frame that no server sends")
        return bool(first & 0x80), first & 0x0F, self._take(length)

    def _take(self, count):
        while len(self._buffer) < count:
            self._more()
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def _more(self):
        left = self._deadline - time.monotonic()
        try:
            self._socket.settimeout(max(left, 0.001))
            data = self._socket.recv(2**16)
        except OSError as cause:
            raise ConnectionLost("no answer") from cause
        if not data or left <= 0:
            raise ConnectionLost("the connection ended")
        self._buffer += data


def masked(payload, mask):
    """Each byte with the byte of the mask at its place; as one large number, since a loop is slow."""
    repeated = (mask * (len(payload) // 4 + 1))[: len(payload)]
    number = int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")
    return number.to_bytes(len(payload), "big")
