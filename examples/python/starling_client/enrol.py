"""Enrolment: a code and a key of the device's own, once (docs/wire.md, "Enrolling")."""

import secrets
import uuid

from . import ed25519
from .errors import ClientError
from .messages import ENROLMENT


def enrol(issuer, wallet, pinned, code):
    """Makes the device's key and enrols it, or finds that this was done before.

    The key is stored before it is sent: a retry, also after a crash, is the same device again.
    """
    identity = _identity_for(wallet.identity, pinned)
    wallet.set_identity(identity)
    if "device_id" in identity:
        return
    audience, use_case = pinned.manifest.audience, pinned.manifest.use_case
    secret_key = bytes.fromhex(identity["secret_key"])
    public_key = ed25519.public_key(secret_key)
    message = ENROLMENT.encode(audience=audience, use_case=use_case, code=code, public_key=public_key)
    signature = ed25519.sign(message, secret_key)
    body = {"useCase": use_case, "code": code, "publicKey": public_key.hex(), "signature": signature.hex()}
    device_id = issuer.json("/v1/devices", lambda reply: str(uuid.UUID(reply["deviceId"])), "POST", lambda: ({}, body))
    wallet.set_identity({**identity, "device_id": device_id})


def _identity_for(known, pinned):
    """The key of last time or a new one, with the manifest of now: it may only be replaced by a later one."""
    manifest = {"manifest_version": pinned.manifest.version, "manifest_digest": pinned.digest.hex()}
    if known is None:
        return {"use_case": pinned.manifest.use_case, "secret_key": secrets.token_bytes(32).hex(), **manifest}
    if known["use_case"] != pinned.manifest.use_case:
        raise ClientError("damaged_store", f"the store belongs to the use case {known['use_case']}")
    is_same = all(known[name] == value for name, value in manifest.items())
    if not is_same and pinned.manifest.version <= known["manifest_version"]:
        raise ClientError("untrusted_manifest", f"a second manifest of version {pinned.manifest.version} or an older one")
    return {**known, **manifest}
