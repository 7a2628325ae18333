"""The manifest: all that a device must know of a use case, signed by the deployment key (docs/wire.md, "Manifest")."""

import json
import math

from .canonical import LP, TEXT, U8, U16, U32, U64, Malformed, Message, Reader, fixed, listed, record
from .privacy import BIT_LEVELS, clipping_of, separation_of

INT32, INT16, INT8, TOP_K = 1, 2, 3, 4
#: largest number that an encoding may hold, and bytes of each number that travels
MOST_OF_ENCODING = {INT32: 2**26, INT16: 2**15 - 1, INT8: 2**7 - 1, TOP_K: 2**15 - 1}
BYTES_OF_ENCODING = {INT32: 4, INT16: 2, INT8: 1, TOP_K: 6}

_MANIFEST = Message(
    "starling-manifest-v1",
    audience=TEXT,
    use_case=TEXT,
    version=U32,
    suite=TEXT,
    keys=listed(U8, record(public_key=LP, first_epoch=U32)),
    log_key=fixed(32),
    epoch_origin=U64,
    epoch_seconds=U32,
    slots=U16,
    batch=U16,
    quota=U16,
    reuse=U8,
    k_min=U32,
    jitter_ms=U32,
    encoding=U8,
    scale=U32,
    clip_micros=U64,
    strategy=TEXT,
    weight_levels=listed(U8, U16),
    chunk_bytes=U32,
    upload_deadline_ms=U32,
    initial_model=fixed(32),
    topology_digest=fixed(32),
    layout=listed(U16, record(name=TEXT, shape=listed(U8, U32))),
)


def encode_manifest(manifest):
    _check(manifest)
    tail = U32.write(manifest.top_k) if manifest.encoding == TOP_K else b""
    return _MANIFEST.encode(**vars(manifest)) + tail


def decode_manifest(data):
    """Raises Malformed, also for a manifest that breaks one of its rules."""
    reader = Reader(data)
    manifest = _MANIFEST.read(reader)
    # only topK has a k, in four bytes at the end
    manifest.top_k = U32.read(reader) if manifest.encoding == TOP_K else None
    reader.end()
    _check(manifest)
    return manifest


def _check(m):
    """Rules that no field shows alone; a device refuses a manifest that breaks one."""
    dimension, separation = parameter_count(m), separation_of(m)
    firsts = [key.first_epoch for key in m.keys]
    rules = [
        (1 <= len(m.keys) <= 16, "1 to 16 keys"),
        (all(a < b for a, b in zip(firsts, firsts[1:])), "keys for epochs one after the other"),
        (1 <= m.reuse <= 64, "a reuse of 1 to 64"),
        (1 <= len(m.weight_levels) <= 8, "1 to 8 weight levels"),
        (all(level >= 1 for level in m.weight_levels), "weights of at least 1"),
        (1 <= m.batch <= m.slots, "a batch of 1 to `slots` slots"),
        (1 <= m.quota <= m.slots, "a quota of 1 to `slots` tokens"),
        (m.epoch_seconds >= 1, "an epoch of at least a second"),
        (m.k_min >= 1, "an anonymity set of at least 1"),
        (1 <= len(m.strategy) <= 2048, "a strategy"),
        (m.clip_micros >= 1 and m.scale >= 1, "a positive clip and scale"),
        (m.chunk_bytes >= 1024 and m.chunk_bytes % 4 == 0, "chunks of at least 1 kB, whole numbers"),
        (1 <= dimension <= 2**28, "1 to 2^28 parameters"),
        (m.encoding in MOST_OF_ENCODING, "an encoding that there is"),
        (m.encoding != TOP_K or 1 <= m.top_k <= dimension, "a k of 1 to as many as it has parameters"),
        (
            m.clip_micros / 1e6 * m.scale <= MOST_OF_ENCODING.get(m.encoding, 0),
            "a clip · scale that its encoding can say",
        ),
        (clipping_of(m) is None or m.weight_levels == BIT_LEVELS, "two levels of weight 1 where the clip adapts"),
        (separation >= 1 and m.slots % separation == 0, "a separation that divides its slots"),
        (
            separation <= 1 or (m.quota * separation <= m.slots and m.reuse == 1),
            "one token for each round of a device, no more",
        ),
        (len({entry.name for entry in m.layout}) == len(m.layout), "tensors of distinct names"),
    ]
    for holds, rule in rules:
        if not holds:
            raise Malformed(f"a manifest needs {rule}")


def key_at(manifest, epoch):
    """The one public key of an epoch; None before the first that is listed."""
    begun = [key for key in manifest.keys if key.first_epoch <= epoch]
    return begun[-1].public_key if begun else None


def parameter_count(manifest):
    """d: how many numbers an update has."""
    return sum(math.prod(entry.shape) for entry in manifest.layout)


def payload_length(manifest):
    """Bytes of every update: the manifest alone says them."""
    numbers = manifest.top_k if manifest.encoding == TOP_K else parameter_count(manifest)
    return BYTES_OF_ENCODING[manifest.encoding] * numbers


def strategy_of(manifest):
    return json.loads(manifest.strategy)


def epoch_at(manifest, now_ms):
    return math.floor((now_ms - manifest.epoch_origin) / (1000 * manifest.epoch_seconds))


def is_current_epoch(manifest, epoch, now_ms):
    """Whether an epoch that a server names is now by the device's own clock, which may be five minutes wrong."""
    tolerance = min(300_000, 500 * manifest.epoch_seconds)
    return epoch_at(manifest, now_ms - tolerance) <= epoch <= epoch_at(manifest, now_ms + tolerance)
