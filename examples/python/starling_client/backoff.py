"""How long to wait before the next try: decorrelated jitter, so that devices that failed together come back apart."""

import math
import secrets


def uniform():
    """Uniform in [0, 1), by the system's generator: what it decides must not be foreseen."""
    return secrets.randbits(48) / 2**48


class Backoff:
    def __init__(self, attempts, base_ms, cap_ms):
        self._left = attempts - 1
        self._base = self._last = base_ms
        self._cap = cap_ms

    def next(self, retry_after_ms=0):
        """ms to wait, or None when there is no try left.

        What a server asks for is a floor in whole seconds: a time chosen for one device would recognise it.
        """
        if self._left <= 0:
            return None
        self._left -= 1
        floor = math.ceil(retry_after_ms / 1000) * 1000
        widest = 3 * max(self._last, min(floor, self._cap / 3))
        self._last = min(self._cap, self._base + uniform() * (widest - self._base))
        return floor + self._last
