"""The round that is open, if there is one that this device may believe (docs/wire.md, "The open round")."""

import uuid
from dataclasses import dataclass
from types import SimpleNamespace

from .ask import hex_bytes
from .canonical import Malformed
from .errors import ClientError, require
from .issuance import info_at
from .manifest import is_current_epoch
from .messages import INFO, ROUND_RECORD
from .privacy import has_promised_clip
from .token_keys import sha256


@dataclass(frozen=True)
class OpenRound:
    id: str
    epoch: int
    slot: int
    #: which use of the slot's token, from 0
    use_no: int
    record: SimpleNamespace
    #: SHA-256 of the record's bytes
    record_digest: bytes
    #: when it opened by this device's clock, unix ms
    opened_at: float


def fetch_open_round(coordinator, pinned, clock):
    """None when no round is open. Raises `bad_round`, `unknown_manifest`."""
    try:
        reply = coordinator.json(f"/v1/use-cases/{pinned.manifest.use_case}/round", _reply_of)
    except ClientError as error:
        if error.refused_with == "no_open_round":
            return None
        raise
    round_id, record, open_for_ms = reply
    round_ = check_round(record, round_id, clock.now() - open_for_ms, pinned)
    if not is_current_epoch(pinned.manifest, round_.epoch, clock.now()):
        raise ClientError("bad_round", f"round {round_id} is of epoch {round_.epoch}, which is not now")
    return round_


def check_round(data, round_id, opened_at, pinned):
    """A record contradicts nothing in the manifest, or is refused before anything is downloaded or sent."""
    try:
        record = ROUND_RECORD.decode(data)
        place = INFO.decode(record.info)
    except Malformed as cause:
        raise ClientError("bad_round", f"the round record cannot be read: {cause}") from None
    manifest = pinned.manifest
    if record.manifest_digest not in (pinned.digest, pinned.former_digest):
        raise ClientError("unknown_manifest", f"the round record of {round_id} names another manifest")
    rules = [
        (record.info == info_at(manifest, place.epoch, place.slot), "is of another use case or suite"),
        (place.slot < manifest.slots, "lies beyond the slots of an epoch"),
        (record.use_no < manifest.reuse, "asks for a use that tokens do not have"),
        (record.round_id == uuid.UUID(round_id).bytes, "has another id than its announcement"),
        (record.jitter_ms == manifest.jitter_ms, "spreads submissions otherwise than the manifest"),
        (has_promised_clip(record, manifest), "clips updates otherwise than the manifest"),
        (manifest.k_min <= record.min <= record.target, "would do with fewer updates than the manifest"),
    ]
    require("bad_round", rules, f"the round record of {round_id}")
    return OpenRound(round_id, place.epoch, place.slot, record.use_no, record, sha256(data), opened_at)


def _reply_of(reply):
    if reply["openForMs"] < 0:
        raise ValueError("openForMs")
    return str(uuid.UUID(reply["roundId"])), hex_bytes(reply["record"]), reply["openForMs"]
