"""As much of socket.io 4 (Engine.IO protocol 4, Socket.IO protocol 5) as a submission needs, over one WebSocket.

    ◀ 0{"sid":…}                          Engine.IO: open
    ▶ 40                                  connect to the namespace /
    ◀ 40{"sid":…}                         connected; 44{…} is a refusal
    ▶ 452-0["event",{"a":{"_placeholder":true,"num":0},…}]      an event with 2 attachments, to be acknowledged as 0
    ▶ (binary) (binary)                   the attachments, one message each
    ◀ 430[{…}]  or  461-0[{…}] (binary)   its acknowledgement, without or with attachments
    ◀ 2   ▶ 3                             ping, pong
"""

import json
import re
import time
from urllib.parse import urlencode

from .websocket import ConnectionLost, WebSocket

CONNECT_TIMEOUT_S = 10
_ACK = re.compile(r"4(?:3|6(\d+)-)(\d+)(\[.*)", re.DOTALL)
_MOST_ATTACHMENTS = 10


class Connection:
    """A fresh connection to one path of intake. Raises ConnectionLost where it is not let in."""

    def __init__(self, base_url, path, query):
        target = f"{path}/?{urlencode({**query, 'EIO': 4, 'transport': 'websocket'})}"
        self._socket = WebSocket(base_url, target, CONNECT_TIMEOUT_S)
        self._next_id = 0
        try:
            self._expect("0{")
            self._socket.send("40")
            self._expect("40")
        except ConnectionLost:
            self._socket.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def emit(self, event, payload):
        """Sends an event. Returns what to wait for."""
        self._next_id += 1
        attachments = []
        text = json.dumps([event, _without_bytes(payload, attachments)], separators=(",", ":"))
        head = f"45{len(attachments)}-" if attachments else "42"
        self._socket.send(f"{head}{self._next_id - 1}{text}")
        for attachment in attachments:
            self._socket.send(attachment)
        return self._next_id - 1

    def acknowledgement(self, ack_id, timeout_s):
        """What was answered to an event. To be called in the order of the events."""
        message = _ACK.fullmatch(self._packet(timeout_s))
        if message is None or int(message[2]) != ack_id:
            raise ConnectionLost("not the acknowledgement that was due")
        count = int(message[1] or 0)
        if count > _MOST_ATTACHMENTS:
            raise ConnectionLost("too many attachments")
        attachments = [self._socket.receive(timeout_s) for _ in range(count)]
        try:
            (answer,) = json.loads(message[3])
            return _with_bytes(answer, attachments)
        except (ValueError, LookupError, TypeError) as cause:
            raise ConnectionLost("an acknowledgement that cannot be read") from cause

    def _packet(self, timeout_s):
        """The next text message that is no ping."""
        until = time.monotonic() + timeout_s
        while True:
            message = self._socket.receive(until - time.monotonic())
            if message == "2":
                self._socket.send("3")
            elif isinstance(message, str):
                return message
            else:
                raise ConnectionLost("bytes that nobody announced")

    def _expect(self, beginning):
        if not self._packet(CONNECT_TIMEOUT_S).startswith(beginning):
            raise ConnectionLost("not greeted")


def _without_bytes(payload, attachments):
    """Bytes travel behind the JSON: in it stands their number."""
    shown = {}
    for name, value in payload.items():
        if isinstance(value, (bytes, bytearray)):
            shown[name] = {"_placeholder": True, "num": len(attachments)}
            attachments.append(bytes(value))
        else:
            shown[name] = value
    return shown


def _with_bytes(answer, attachments):
    def resolve(value):
        if not (isinstance(value, dict) and value.get("_placeholder") is True):
            return value
        attachment = attachments[value["num"]]
        if not isinstance(attachment, bytes):
            raise TypeError("an attachment of text")
        return attachment

    return {name: resolve(value) for name, value in answer.items()}
