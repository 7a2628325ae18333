"""What the transparency log says (docs/wire.md, "Leaves"): each a fact that must be the same for every device."""

from .canonical import LP, TEXT, U8, U32, U64, Kind, Malformed, Message, Reader, fixed, record
from .messages import INFO, ROUND_RECORD

_NO_ACCOUNTING = b"\xff" * 8


def _read_epsilon(reader):
    data = reader.take(8)
    return None if data == _NO_ACCOUNTING else U64.read(Reader(data))


#: u64, or all ones where nothing is accounted for
EPSILON = Kind(lambda value: _NO_ACCOUNTING if value is None else U64.write(value), _read_epsilon)
#: too few, aborted, failed, missed
REASONS = (1, 2, 3, 4)

_KINDS = {
    1: ("key", record(use_case=TEXT, suite=TEXT, key_digest=fixed(32), first_epoch=U32)),
    2: ("manifest", record(use_case=TEXT, version=U32, digest=fixed(32), signature=fixed(64))),
    3: ("derived_keys", record(use_case=TEXT, epoch=U32, digest=fixed(32))),
    4: ("round", record(record=LP)),
    5: (
        "result",
        record(
            record_digest=fixed(32),
            accepted_root=fixed(32),
            accepted=U32,
            aggregate_digest=fixed(32),
            model_out=fixed(32),
            epsilon_micros=EPSILON,
        ),
    ),
    6: ("abandonment", record(record_digest=fixed(32), reason=U8)),
    7: ("key_retirement", record(use_case=TEXT, key_digest=fixed(32), last_epoch=U32)),
    8: ("epoch_retirement", record(use_case=TEXT, through=U32)),
    9: ("restart", record(use_case=TEXT, round_id=fixed(16), model_digest=fixed(32))),
    10: (
        "evaluation",
        record(
            record_digest=fixed(32),
            accepted_root=fixed(32),
            accepted=U32,
            loss_sum=U64,
            accuracy_sum=U64,
            epsilon_micros=EPSILON,
        ),
    ),
}
_PREFIX = Message("starling-leaf-v1", kind=U8)


def decode_leaf(data):
    """The leaf with its `kind`; None for one of a kind that this version does not know."""
    try:
        reader = Reader(data)
        kind, fields = _KINDS.get(_PREFIX.read(reader).kind, (None, None))
        if kind is None:
            return None
        leaf = fields.read(reader)
        reader.end()
        if kind == "round":
            leaf.round = ROUND_RECORD.decode(leaf.record)
            leaf.place = INFO.decode(leaf.round.info)
            leaf.use_case = leaf.place.use_case
        if kind == "abandonment" and leaf.reason not in REASONS:
            return None
    except Malformed:
        return None
    leaf.kind = kind
    return leaf


def split_entries(tile):
    """A tile of the log is LP(leaf) after LP(leaf)."""
    reader = Reader(tile)
    leaves = []
    while not reader.at_end:
        leaves.append(LP.read(reader))
    return leaves
