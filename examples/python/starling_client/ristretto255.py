"""The group ristretto255 (RFC 9496): edwards25519 with its cofactor taken away by the encoding."""

from .edwards25519 import D, P, SQRT_M1, add, even, sqrt_ratio

# RFC 9496 §4.1
SQRT_AD_MINUS_ONE = 25063068953384623474111414158702152701244531502492656460079210482610430750235
INVSQRT_A_MINUS_D = 54469307008909316920995813868745141605393597292927456921205312896311721017578
ONE_MINUS_D_SQ = (1 - D * D) % P
D_MINUS_ONE_SQ = (D - 1) ** 2 % P


def decode(data):
    """The element of these bytes, or None unless they are the one canonical encoding of one. RFC 9496 §4.3.1"""
    s = int.from_bytes(data, "little")
    if len(data) != 32 or s >= P or s % 2 == 1:
        return None
    ss = s * s % P
    u1, u2 = (1 - ss) % P, (1 + ss) % P
    v = (-D * u1 * u1 - u2 * u2) % P
    was_square, inverse = sqrt_ratio(1, v * u2 * u2 % P)
    x = even(2 * s * inverse * u2 % P)
    y = u1 * inverse * inverse * u2 * v % P
    t = x * y % P
    return None if not was_square or t % 2 == 1 or y == 0 else (x, y, 1, t)


def encode(element):
    """RFC 9496 §4.3.2"""
    x, y, z, t = element
    u1, u2 = (z + y) * (z - y) % P, x * y % P
    _, inverse = sqrt_ratio(1, u1 * u2 * u2 % P)
    den1, den2 = inverse * u1 % P, inverse * u2 % P
    z_inverse = den1 * den2 * t % P
    if t * z_inverse % P % 2 == 1:
        x, y, den = y * SQRT_M1 % P, x * SQRT_M1 % P, den1 * INVSQRT_A_MINUS_D % P
    else:
        den = den2
    if x * z_inverse % P % 2 == 1:
        y = -y % P
    return even(den * (z - y) % P).to_bytes(32, "little")


def from_uniform(data):
    """The group's map from 64 uniform bytes. RFC 9496 §4.3.4"""
    return add(_map(data[:32]), _map(data[32:]))


def _map(half):
    t = int.from_bytes(half, "little") % 2**255 % P
    r = SQRT_M1 * t * t % P
    u = (r + 1) * ONE_MINUS_D_SQ % P
    v = (-1 - r * D) * (r + D) % P
    was_square, s = sqrt_ratio(u, v)
    s, c = (s, -1) if was_square else (-even(s * t % P) % P, r)
    n = c * (r - 1) * D_MINUS_ONE_SQ - v
    w0, w1, w2, w3 = 2 * s * v, n * SQRT_AD_MINUS_ONE, 1 - s * s, 1 + s * s
    return (w0 * w3 % P, w2 * w1 % P, w1 * w3 % P, w0 * w2 % P)
