"""The device's half of RFC 9497, mode POPRF, ciphersuite ristretto255-SHA512: the suite of docs/adr/0001.

    device                                    issuer
    tweak_public(pinned key, info)            t = k + H(info)
    blind(input)  ── blinded element ───────▶ evaluated = blinded / t
    finalize      ◀── evaluated, proof ──────  proof that 1/t it was
"""

import hashlib
import secrets

from . import ristretto255
from .canonical import LP, U16
from .edwards25519 import GENERATOR, ORDER, add, multiply, sum_of_products

SUITE = "poprf-ristretto255-sha512"
CONTEXT = b"OPRFV1-\x02-ristretto255-SHA512"


class InvalidProof(ValueError):
    """The evaluation was not made with the key that this device blinded for."""


def tweak_public(primary_public_key, info):
    """T = K + H(info)·G: the key of one set of attributes, computed from the pinned one and never fetched."""
    key = _element(primary_public_key, "primary public key")
    tweaked = add(key, multiply(GENERATOR, _hash_to_scalar(b"Info" + LP.write(info))))
    if _is_identity(tweaked):
        raise ValueError("derived public key: the identity")
    return ristretto255.encode(tweaked)


def random_blind():
    """A uniform scalar, not zero."""
    return 1 + secrets.randbelow(ORDER - 1)


def blind(data, scalar):
    """The blinded element that goes to the issuer; the scalar stays here."""
    return ristretto255.encode(multiply(_hash_to_group(data), scalar))


def finalize(inputs, blinds, blinded, answer, key):
    """Checks the proof over the whole batch, then takes the blinds off. `answer` is (evaluated elements, proof).

    `key` is (tweaked public key, info), as computed here. Returns 64 secret bytes an input; raises InvalidProof.
    """
    (evaluated, proof), (tweaked, info) = answer, key
    if not len(inputs) == len(blinds) == len(blinded) == len(evaluated) or len(set(evaluated)) != len(evaluated):
        raise InvalidProof("the batch is not the one that was blinded")
    if not verify(tweaked, evaluated, blinded, proof):
        raise InvalidProof(f"the proof over {len(evaluated)} evaluated elements does not hold")
    outputs = []
    for data, scalar, element in zip(inputs, blinds, evaluated):
        unblinded = multiply(_element(element, "evaluated element"), pow(scalar, -1, ORDER))
        framed = LP.write(data) + LP.write(info) + LP.write(ristretto255.encode(unblinded))
        outputs.append(hashlib.sha512(framed + b"Finalize").digest())
    return outputs


def verify(tweaked, evaluated, blinded, proof):
    """RFC 9497 §2.2.2 VerifyProof: one scalar t links G to B = T and each evaluated element to its blinded one."""
    try:
        b = _element(tweaked, "public key")
        c = [_element(element, "evaluated element") for element in evaluated]
        d = [_element(element, "blinded element") for element in blinded]
    except ValueError:
        return False
    challenge, response = (int.from_bytes(half, "little") for half in (proof[:32], proof[32:]))
    if len(proof) != 64 or not c or challenge >= ORDER or response >= ORDER:
        return False
    weights = _composite_weights(tweaked, evaluated, blinded)
    m, z = sum_of_products(c, weights), sum_of_products(d, weights)
    t2 = sum_of_products([GENERATOR, b], [response, challenge])
    t3 = sum_of_products([m, z], [response, challenge])
    if any(_is_identity(element) for element in (m, z, t2, t3)):
        return False
    parts = [tweaked, *(ristretto255.encode(element) for element in (m, z, t2, t3))]
    return _hash_to_scalar(b"".join(LP.write(part) for part in parts) + b"Challenge") == challenge


def _composite_weights(tweaked, evaluated, blinded):
    seed = hashlib.sha512(LP.write(tweaked) + LP.write(b"Seed-" + CONTEXT)).digest()
    return [
        _hash_to_scalar(LP.write(seed) + U16.write(i) + LP.write(c) + LP.write(d) + b"Composite")
        for i, (c, d) in enumerate(zip(evaluated, blinded))
    ]


def _is_identity(element):
    return ristretto255.encode(element) == bytes(32)


def _element(data, what):
    element = ristretto255.decode(data)
    # RFC 9497 §3.3: the identity is refused although it decodes
    if element is None or data == bytes(32):
        raise ValueError(f"{what}: not a canonical encoding, or the identity")
    return element


def _hash_to_group(data):
    return ristretto255.from_uniform(_expand_message(data, b"HashToGroup-" + CONTEXT))


def _hash_to_scalar(data):
    return int.from_bytes(_expand_message(data, b"HashToScalar-" + CONTEXT), "little") % ORDER


def _expand_message(message, dst):
    """RFC 9380 §5.3.1 expand_message_xmd with SHA-512, for 64 bytes: one block."""
    dst_prime = dst + bytes([len(dst)])
    b0 = hashlib.sha512(bytes(128) + message + U16.write(64) + b"\x00" + dst_prime).digest()
    return hashlib.sha512(b0 + b"\x01" + dst_prime).digest()
