"""Questions to issuer and coordinator: JSON over HTTP, asked again where the answer was lost (docs/wire.md, "HTTP")."""

import http.client
import json
import ssl
from urllib.parse import urlsplit

from .backoff import Backoff
from .errors import ClientError

#: codes after which the same request may succeed
PASSING = {"rate_limited", "overloaded", "internal"}
MAX_JSON_BYTES = 2**20
TIMEOUT_S = 30


class Server:
    """One server and a connection of its own: issuer and coordinator never see the same one.

    Keeps no cookies and sends no header that was not asked for, beyond what HTTP wants.
    """

    def __init__(self, url, clock):
        self._url = urlsplit(url)
        self._clock = clock
        self._connection = None

    def json(self, path, check, method="GET", make=None):
        """Asks for JSON. Only for what is safe to repeat.

        `make` gives (headers, JSON) anew for each try, since signatures carry a time. `check` makes something of the
        answer, and raises KeyError, TypeError or ValueError for what is not what the protocol says.
        """
        data = self.bytes(path, MAX_JSON_BYTES, method, make)
        try:
            return check(json.loads(data))
        except (KeyError, TypeError, ValueError):
            raise ClientError("malformed_reply", f"{path}: not the answer the protocol says") from None

    def bytes(self, path, most, method="GET", make=None):
        backoff = Backoff(attempts=5, base_ms=200, cap_ms=5000)
        while True:
            try:
                return self._attempt(path, most, method, make)
            except ClientError as error:
                if error.refusal and error.refused_with not in PASSING:
                    raise
                if error.code not in ("refused", "unreachable"):
                    raise
                wait = backoff.next((error.refusal or {}).get("retryAfterMs", 0))
                if wait is None:
                    raise
            self._clock.sleep(wait)

    def close(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _attempt(self, path, most, method, make):
        headers, body = make() if make else ({}, None)
        if body is not None:
            headers = {**headers, "content-type": "application/json"}
        try:
            connection = self._connect()
            connection.request(method, self._url.path + path, None if body is None else json.dumps(body), headers)
            reply = connection.getresponse()
            data = reply.read(most + 1)
            if len(data) > most:
                raise http.client.HTTPException(f"an answer longer than {most} bytes")
            if reply.will_close:
                self.close()
        except (OSError, http.client.HTTPException) as cause:
            self.close()
            raise ClientError("unreachable", f"{path}: no answer") from cause
        if reply.status < 300:
            return data
        raise _refusal_of(reply.status, data, path)

    def _connect(self):
        if self._connection is None:
            host, port = self._url.hostname, self._url.port
            if self._url.scheme == "https":
                context = ssl.create_default_context()
                self._connection = http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context)
            else:
                self._connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
        return self._connection


def _refusal_of(status, data, path):
    try:
        refusal = json.loads(data)
        code, message = str(refusal["code"]), str(refusal["message"])
        refusal = {"code": code, "message": message, "retryAfterMs": retry_after(refusal)}
        return ClientError("refused", f"{path}: {code}, {message}", refusal)
    except (KeyError, TypeError, ValueError):
        # something in between answered, a proxy perhaps
        return ClientError("unreachable" if status >= 500 else "malformed_reply", f"{path}: status {status}")


def retry_after(refusal):
    """ms, at most an hour"""
    wait = refusal.get("retryAfterMs", 0)
    if isinstance(wait, bool) or not isinstance(wait, (int, float)) or not 0 <= wait <= 3_600_000:
        raise ValueError("retryAfterMs")
    return wait


def hex_bytes(text, length=None):
    """Bytes in JSON are lower-case hex."""
    data = bytes.fromhex(text)
    if data.hex() != text or (length is not None and len(data) != length):
        raise ValueError("not the hex that was expected")
    return data


def whole(value, least=0):
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError("not a whole number")
    return value
