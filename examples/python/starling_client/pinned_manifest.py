"""The manifest that the pinned deployment key signed: everything else a device believes follows from it."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Optional

from . import ed25519
from .ask import hex_bytes
from .canonical import Malformed
from .errors import ClientError, require
from .manifest import decode_manifest, strategy_of
from .poprf import SUITE
from .token_keys import sha256

#: what a device asks of any manifest, whoever signed it: longer epochs are larger crowds, and so is a longer W
FLOORS = {"epoch_seconds": 60, "jitter_ms": 0}


@dataclass(frozen=True)
class PinnedManifest:
    manifest: SimpleNamespace
    #: SHA-256 of its bytes: round records name it
    digest: bytes
    #: of the manifest before: rounds that opened under it may still run
    former_digest: Optional[bytes] = None


def fetch_manifest(server, use_case, deployment_key, floors):
    """`server` is issuer or coordinator: both serve it. Raises `untrusted_manifest`."""
    path = f"/v1/use-cases/{use_case}/manifest"
    data, signature = server.json(
        path, lambda reply: (hex_bytes(reply["manifest"]), hex_bytes(reply["signature"], 64))
    )
    # first the signature, over the bytes as they came: nothing is read of what nobody vouches for
    if not ed25519.verify(signature, data, deployment_key):
        raise ClientError("untrusted_manifest", "the manifest is not signed by the pinned deployment key")
    try:
        manifest = decode_manifest(data)
    except Malformed as cause:
        raise ClientError("untrusted_manifest", f"the manifest breaks a rule of manifests: {cause}") from None
    least = {**FLOORS, **floors}
    rules = [
        (manifest.use_case == use_case, f"is of {manifest.use_case}, not {use_case}"),
        (manifest.epoch_seconds >= least["epoch_seconds"], f"has epochs of {manifest.epoch_seconds} s: too short"),
        (manifest.jitter_ms >= least["jitter_ms"], f"spreads submissions over {manifest.jitter_ms} ms: too little"),
        (manifest.suite == SUITE, f"names the suite {manifest.suite}, which this device does not know"),
        # there updates may be for a later round and count by their staleness; libs/client does that
        (strategy_of(manifest).get("name") != "FedBuff", "is of an asynchronous task, which this device cannot do"),
    ]
    require("untrusted_manifest", rules, "the manifest")
    return PinnedManifest(manifest, sha256(data))
