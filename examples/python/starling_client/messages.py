"""All that is hashed, signed or under a MAC but the manifest and the log's leaves, as docs/wire.md lists it."""

from .canonical import LP, TEXT, U8, U16, U32, U64, Kind, Malformed, Message, fixed, listed, numbered, record

INFO = Message("starling-info-v1", use_case=TEXT, suite=TEXT, epoch=U32, slot=U16)

#: of an evaluation, in thousandths
_MOST_LOSS = 10**9


def _loss(value):
    if not 1 <= value <= _MOST_LOSS:
        raise Malformed("a loss bound is 0.001 to 1000000")
    return value


_LOSS_BOUND = Kind(lambda value: U32.write(_loss(value)), lambda reader: _loss(U32.read(reader)))

ROUND_RECORD = Message(
    "starling-round-v1",
    info=LP,
    use_no=U8,
    round_id=fixed(16),
    model_digest=fixed(32),
    manifest_digest=fixed(32),
    jitter_ms=U32,
    deadline_ms=U32,
    min=U32,
    target=U32,
    issued=U32,
    # clip: where it adapts, in millionths; loss bound: where the round measures its model
    more=numbered(clip_micros=(1, U64), loss_bound=(2, _LOSS_BOUND)),
)

HEADER = Message(
    "starling-submit-v1",
    audience=TEXT,
    info=LP,
    token=fixed(32),
    use_no=U8,
    record_digest=fixed(32),
    mode=U8,
    encoding=U8,
    weight_level=U8,
    payload_length=U32,
    payload_digest=fixed(32),
    sealed_seed=LP,
)
#: SHA-256 of it says the slots of a device
LANE = Message("starling-lane-v1", use_case=TEXT, device=TEXT)

#: the worker may read the payload
PLAIN = 0

ENROLMENT = Message("starling-enrol-v1", audience=TEXT, use_case=TEXT, code=TEXT, public_key=LP)

ISSUANCE = Message(
    "starling-issue-v1",
    audience=TEXT,
    device=TEXT,
    use_case=TEXT,
    timestamp=U64,
    nonce=fixed(16),
    request_digest=fixed(32),
)

#: a request for tokens without its JSON; it has no prefix, since only its hash is signed, in ISSUANCE
TOKEN_REQUEST = Message("", epoch=U32, elements=listed(U16, record(slot=U16, blinded=LP)))

TREE_HEAD = Message("starling-tree-head-v1", audience=TEXT, size=U64, root=fixed(32), timestamp=U64)


def receipt_message(header_digest):
    return b"accepted" + header_digest
