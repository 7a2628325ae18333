"""What a token's secret speaks with (docs/wire.md, "Tokens"). The secret itself never travels."""

import hashlib
import hmac

from .messages import receipt_message


def sha256(data):
    return hashlib.sha256(data).digest()


def hmac_sha256(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def mac_key(prf, info):
    """Authenticates a submission's header."""
    return _derive(prf, b"starling submit mac v1", info)


def expected_receipt(prf, info, header):
    """What only the holder of the use case's key can answer to this header."""
    return hmac_sha256(_derive(prf, b"starling receipt mac v1", info), receipt_message(sha256(header)))


def _derive(prf, label, info):
    """HKDF-SHA256 (RFC 5869) without a salt, for one block of 32 bytes."""
    pseudorandom_key = hmac_sha256(bytes(32), prf)
    return hmac_sha256(pseudorandom_key, label + sha256(info) + b"\x01")
