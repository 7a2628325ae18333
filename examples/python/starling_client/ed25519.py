"""Ed25519 signatures (RFC 8032), which Python's standard library does not have."""

import hashlib
import hmac

from .edwards25519 import GENERATOR, ORDER, P, add, affine, double, is_identity, multiply, negate


def public_key(secret):
    return _encode(multiply(GENERATOR, _expand(secret)[0]))


def sign(message, secret):
    scalar, prefix = _expand(secret)
    key = _encode(multiply(GENERATOR, scalar))
    nonce = _hash(prefix, message)
    commitment = _encode(multiply(GENERATOR, nonce))
    response = (nonce + _hash(commitment, key, message) * scalar) % ORDER
    return commitment + response.to_bytes(32, "little")


def verify(signature, message, key):
    """RFC 8032, strictly: canonical points, a response below the order, no key of small order."""
    if len(signature) != 64 or len(key) != 32:
        return False
    point = _decode(key)
    response = int.from_bytes(signature[32:], "little")
    if point is None or response >= ORDER or is_identity(double(double(double(point)))):
        return False
    challenge = _hash(signature[:32], key, message)
    commitment = add(multiply(GENERATOR, response), negate(multiply(point, challenge)))
    return hmac.compare_digest(_encode(commitment), bytes(signature[:32]))


def _expand(secret):
    digest = hashlib.sha512(secret).digest()
    scalar = int.from_bytes(digest[:32], "little") & ((1 << 254) - 8) | (1 << 254)
    return scalar, digest[32:]


def _hash(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % ORDER


def _encode(point):
    x, y, z, _ = point
    inverse = pow(z, -1, P)
    x, y = x * inverse % P, y * inverse % P
    return (y | (x % 2) << 255).to_bytes(32, "little")


def _decode(data):
    value = int.from_bytes(data, "little")
    return affine(value >> 255 == 1, value & ((1 << 255) - 1))
