"""An update to intake: open, permit, upload, commit, receipt (docs/wire.md, "Submitting").

Knows neither issuer nor coordinator, so that no answer of intake can make a device call them.
"""

import hmac

from .ask import retry_after, whole
from .backoff import Backoff
from .errors import ClientError
from .messages import HEADER, PLAIN
from .socket_io import Connection
from .token_keys import expected_receipt, hmac_sha256, mac_key, sha256
from .websocket import ConnectionLost

#: refusals after which the same bytes may be accepted
PASSING = {"overloaded", "upload_unknown", "internal"}
CHUNKS_IN_FLIGHT = 4
OPEN_TIMEOUT_S, CHUNK_TIMEOUT_S, COMMIT_TIMEOUT_S = 15, 30, 60


def prepare(manifest, round_, token, payload, weight_level=0):
    """The header of an update and its MAC. Sends nothing."""
    header = HEADER.encode(
        audience=manifest.audience,
        info=round_.record.info,
        token=bytes.fromhex(token["token"]),
        use_no=round_.use_no,
        record_digest=round_.record_digest,
        mode=PLAIN,
        encoding=manifest.encoding,
        weight_level=weight_level,
        payload_length=len(payload),
        payload_digest=sha256(payload),
        sealed_seed=b"",
    )
    mac = hmac_sha256(mac_key(bytes.fromhex(token["prf"]), round_.record.info), header)
    return header, mac, payload


def submit(intake, transcript, prf, info, clock):
    """Submits until there is an answer: ("accepted", receipt) or ("refused", code).

    Every try sends the same header and MAC, so whatever a lost answer said, the update counts at most once. Raises
    `unreachable` after the last try (submit the very same again later), `forged_receipt`, `malformed_reply`.
    """
    backoff = Backoff(attempts=8, base_ms=250, cap_ms=10_000)
    while True:
        try:
            receipt, refusal = _attempt(intake, transcript)
            if refusal is None:
                return "accepted", _checked(receipt, expected_receipt(prf, info, transcript[0]))
            if refusal["code"] not in PASSING:
                return "refused", refusal["code"]
            wait = backoff.next(refusal["retry_after_ms"])
            if wait is None:
                return "refused", refusal["code"]
        except ConnectionLost as cause:
            wait = backoff.next()
            if wait is None:
                raise ClientError("unreachable", "intake did not answer") from cause
        clock.sleep(wait)


def _checked(receipt, expected):
    if not hmac.compare_digest(receipt, expected):
        raise ClientError("forged_receipt", "intake answered with a receipt that it cannot have made")
    return receipt


def _attempt(intake, transcript):
    """(receipt, None) or (None, refusal)."""
    header, mac, payload = transcript
    with Connection(intake, "/submit", {}) as connection:
        sent = connection.emit("submit:open", {"header": header, "mac": mac})
        opened = _answer(connection.acknowledgement(sent, OPEN_TIMEOUT_S), _opened)
    if "code" in opened:
        return None, opened
    if "receipt" in opened:
        return opened["receipt"], None
    with Connection(intake, "/upload", {"permit": opened["permit"].hex()}) as connection:
        refusal = _send_chunks(connection, opened, payload)
        if refusal is not None:
            return None, refusal
        sent = connection.emit("upload:commit", {})
        committed = _answer(connection.acknowledgement(sent, COMMIT_TIMEOUT_S), _receipt)
    return (None, committed) if "code" in committed else (committed["receipt"], None)


def _send_chunks(connection, opened, payload):
    """The chunks that intake does not have yet, a few ahead of their acknowledgements. A refusal, or None."""
    size = opened["chunk_bytes"]
    in_flight = []
    for index in range(opened["next_index"], -(-len(payload) // size)):
        if len(in_flight) == CHUNKS_IN_FLIGHT:
            refusal = _chunk_refusal(connection, in_flight.pop(0))
            if refusal is not None:
                return refusal
        chunk = {"index": index, "bytes": payload[index * size : (index + 1) * size]}
        in_flight.append(connection.emit("upload:chunk", chunk))
    refusals = (_chunk_refusal(connection, sent) for sent in in_flight)
    return next((refusal for refusal in refusals if refusal is not None), None)


def _chunk_refusal(connection, sent):
    answer = _answer(connection.acknowledgement(sent, CHUNK_TIMEOUT_S), lambda reply: {"next": whole(reply["nextIndex"])})
    return answer if "code" in answer else None


def _answer(reply, good):
    """A refusal as {code, retry_after_ms}, or what `good` makes of the rest."""
    try:
        if reply["ok"] is True:
            return good(reply)
        if reply["ok"] is False and isinstance(reply["message"], str):
            return {"code": str(reply["code"]), "retry_after_ms": retry_after(reply)}
    except (KeyError, TypeError, ValueError):
        pass
    raise ClientError("malformed_reply", "intake: not the answer the protocol says")


def _receipt(reply):
    if not isinstance(reply["receipt"], bytes):
        raise TypeError("receipt")
    return {"receipt": reply["receipt"]}


def _opened(reply):
    if "receipt" in reply:
        return _receipt(reply)
    permit, chunk_bytes = reply["permit"], whole(reply["chunkBytes"], least=1024)
    if not isinstance(permit, bytes) or len(permit) > 256 or chunk_bytes > 2**22:
        raise ValueError("permit")
    return {"permit": permit, "chunk_bytes": chunk_bytes, "next_index": whole(reply["nextIndex"])}
