"""The curve edwards25519 over Python's integers, in extended coordinates (x, y, z, t = xy/z).

Nothing here takes constant time, and in Python nothing can: see the README.
"""

P = 2**255 - 19
#: order of the prime-order subgroup
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)

IDENTITY = (0, 1, 1, 0)


def add(a, b):
    (x1, y1, z1, t1), (x2, y2, z2, t2) = a, b
    m, n = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def double(point):
    x1, y1, z1, _ = point
    a, b, c = x1 * x1 % P, y1 * y1 % P, 2 * z1 * z1 % P
    h = a + b
    e = h - (x1 + y1) * (x1 + y1) % P
    g = a - b
    f = c + g
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def negate(point):
    x, y, z, t = point
    return (-x % P, y, z, -t % P)


def multiply(point, scalar):
    """scalar · point, four bits at a time."""
    multiples = [IDENTITY]
    for _ in range(15):
        multiples.append(add(multiples[-1], point))
    product = IDENTITY
    for digit in f"{scalar % ORDER:x}":
        for _ in range(4):
            product = double(product)
        product = add(product, multiples[int(digit, 16)])
    return product


def sum_of_products(points, scalars):
    total = IDENTITY
    for point, scalar in zip(points, scalars):
        total = add(total, multiply(point, scalar))
    return total


def is_identity(point):
    x, y, z, _ = point
    return x == 0 and y == z


def sqrt_ratio(u, v):
    """RFC 9496 SQRT_RATIO_M1: whether u/v is a square, and its even root (of i·u/v where it is none)."""
    r = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    check = v * r * r % P
    u %= P
    was_square = check in (u, -u % P)
    if check in (-u % P, -u * SQRT_M1 % P):
        r = r * SQRT_M1 % P
    return was_square, even(r)


def even(x):
    """Of x and −x the one that is even."""
    return x if x % 2 == 0 else P - x


def affine(x_is_odd, y):
    """The point with this y, and the x of this parity; None where there is none."""
    if y >= P:
        return None
    is_on_curve, x = sqrt_ratio(y * y - 1, D * y * y + 1)
    if not is_on_curve or (x == 0 and x_is_odd):
        return None
    x = P - x if x_is_odd else x
    return (x, y, 1, x * y % P)


GENERATOR = affine(False, 4 * pow(5, -1, P) % P)
