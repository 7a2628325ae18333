"""An update: what training changed, clipped and rounded to the public grid (docs/wire.md, "Payloads").

q = round(s·Δ·min(1, C/‖Δ‖)), the norm over all numbers together, in float64. int32 rounds to the nearest; the narrower
encodings round up with the chance of the fraction, so that the mean of many devices is right.
"""

import math
import secrets
import struct

from .errors import ClientError
from .manifest import INT8, INT16, INT32, TOP_K

#: the greatest float64 below one half: the only one that adding one half rounds up
_ALMOST_HALF = 0.5 - 2**-54
_FINEST = 2**45


def encode_update(trained, start, manifest, clip):
    """The payload of an update. `start` is the round's float32 parameters, `trained` as many numbers."""
    delta, scale = _delta(trained, start), manifest.scale
    if manifest.encoding == TOP_K:
        indices = _largest(delta, manifest.top_k)
        values = _by_lot([delta[i] for i in indices], clip, scale)
        return b"".join(struct.pack("<Ih", *entry) for entry in zip(indices, values))
    letter = {INT32: "i", INT16: "h", INT8: "b"}[manifest.encoding]
    q = _nearest(delta, clip, scale) if manifest.encoding == INT32 else _by_lot(delta, clip, scale)
    return struct.pack(f"<{len(q)}{letter}", *q)


def is_within_clip(trained, start, manifest, clip):
    """Whether an update, of what travels of it, needs no clipping."""
    delta = _delta(trained, start)
    if manifest.encoding == TOP_K:
        delta = [delta[i] for i in _largest(delta, manifest.top_k)]
    return _norm(delta) <= clip


def _delta(trained, start):
    if len(trained) != len(start):
        raise ClientError("bad_training", f"training must return {len(start)} parameters")
    delta = [after - before for after, before in zip(trained, start)]
    if not math.isfinite(_norm(delta)):
        raise ClientError("bad_training", "training returned a number that is not finite")
    return delta


def _nearest(delta, clip, scale):
    """Ties toward +∞."""
    factor = _factor(delta, clip, scale)
    return [_round(x * factor) for x in delta]


def _by_lot(delta, clip, scale):
    """Rounded up with the chance of the fraction, by the system's generator: each integer has the delta as its mean."""
    factor, most = _factor(delta, clip, scale), clip * scale
    scaled = [min(most, max(-most, x * factor)) for x in delta]
    q = [math.floor(x) + (secrets.randbelow(_FINEST) < _round((x - math.floor(x)) * _FINEST)) for x in scaled]
    # a draw beyond the bound that intake checks, one in 2^40, is rounded towards zero
    bound = math.floor(_longest_by_lot(clip * scale, len(q)) ** 2)
    return q if sum(value * value for value in q) <= bound else [math.trunc(x) for x in scaled]


def _longest_by_lot(clip, n):
    root = math.sqrt(n)
    likely = clip**2 + n / 4 + math.sqrt(2 * 40 * math.log(2)) * (clip + root / 2)
    return min(clip + root, math.sqrt(likely))


def _largest(delta, k):
    """Indices of the k largest |x|, of equal ones the earlier, ascending."""
    return sorted(sorted(range(len(delta)), key=lambda j: (-abs(delta[j]), j))[:k])


def _factor(delta, clip, scale):
    norm = _norm(delta)
    return scale * (min(1, clip / norm) if norm > 0 else 1)


def _norm(delta):
    squares = 0.0
    for x in delta:
        squares += x * x
    return math.sqrt(squares) if math.isfinite(squares) else squares


def _round(x):
    return 0 if x == _ALMOST_HALF else math.floor(x + 0.5)
