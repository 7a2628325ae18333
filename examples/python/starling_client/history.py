"""All that the log says of one use case, leaf after leaf; and what in it contradicts what it said before.

It is plain JSON from the start (bytes in hex), since a device stores it.
"""

from .token_keys import sha256

EMPTY = {
    "manifests": [],  # {version, digest}
    "keys": [],  # {suite, key_digest, first_epoch}
    "rounds": [],  # {record_digest, round_id, epoch, slot, use_no, model_digest, expected_model, min, issued, is_evaluation, end}
    "model": None,  # the last result's
    "restart": None,  # {round_id, model_digest}: what one round begins with instead
    "retired_through": -1,  # tokens up to and with this epoch are void
    "faults": [],  # sentences
}

_ENDS = {"result": "published", "evaluation": "evaluated", "abandonment": "abandoned"}
#: the most that one device may add to a sum of figures
_THOUSANDTHS = 1000


def advance(history, leaf, position, use_case):
    """Takes in one more leaf. No log that Starling keeps has a fault: its tables forbid it."""
    if getattr(leaf, "use_case", use_case) != use_case:
        return
    take = _TAKERS.get(leaf.kind)
    if take is None:
        return
    for holds, what in take(history, leaf):
        if not holds:
            history["faults"].append(f"leaf {position} is {what}")


def find_round(history, record_digest):
    return next((one for one in history["rounds"] if one["record_digest"] == record_digest.hex()), None)


def rounds_at(history, place):
    """Rounds with the same slot and use: a log that is sound has one."""
    names = ("epoch", "slot", "use_no")
    return [one for one in history["rounds"] if all(one[name] == place[name] for name in names)]


def forget_old_rounds(history):
    """Those of past epochs are over for good: no device believes a record of one."""
    latest = max((one["epoch"] for one in history["rounds"]), default=0)
    history["rounds"] = [one for one in history["rounds"] if one["epoch"] >= latest - 1 or one["end"] is None]


def _take_key(history, leaf):
    twice = any(key["first_epoch"] == leaf.first_epoch for key in history["keys"])
    key = {"suite": leaf.suite, "key_digest": leaf.key_digest.hex(), "first_epoch": leaf.first_epoch}
    history["keys"].append(key)
    return [(not twice, f"a second key from epoch {leaf.first_epoch} on")]


def _take_manifest(history, leaf):
    expected = history["manifests"][-1]["version"] + 1 if history["manifests"] else 1
    history["manifests"].append({"version": leaf.version, "digest": leaf.digest.hex()})
    return [(leaf.version == expected, f"manifest version {leaf.version} where {expected} comes next")]


def _take_round(history, leaf):
    record, place = leaf.round, leaf.place
    restart = history["restart"]
    is_restart = restart is not None and restart["round_id"] == record.round_id.hex()
    expected = restart["model_digest"] if is_restart else history["model"]
    one = {
        "record_digest": sha256(leaf.record).hex(),
        "round_id": record.round_id.hex(),
        "epoch": place.epoch,
        "slot": place.slot,
        "use_no": record.use_no,
        "model_digest": record.model_digest.hex(),
        "expected_model": expected,
        "min": record.min,
        "issued": record.issued,
        "is_evaluation": record.more.loss_bound is not None,
        "end": None,
    }
    manifest = history["manifests"][-1]["digest"] if history["manifests"] else None
    rules = [
        (not rounds_at(history, one), f"a second record for {_name_of(one)}"),
        (manifest == record.manifest_digest.hex(), "a round under another manifest than the latest"),
        (expected in (None, one["model_digest"]), "a round that begins with neither the last result nor a restart"),
        (all(other["end"] for other in history["rounds"]), "a round announced before the one before it ended"),
        (place.epoch > history["retired_through"], f"a round in the retired epoch {place.epoch}"),
    ]
    history["rounds"].append(one)
    return rules


def _name_of(place):
    return f"epoch {place['epoch']}, slot {place['slot']}, use {place['use_no']}"


def _take_end(history, leaf):
    one = find_round(history, leaf.record_digest)
    if one is None:
        return []
    rules = [(one["end"] is None, "a round that ended twice")]
    one["end"] = _ENDS[leaf.kind]
    if leaf.kind == "abandonment":
        return rules
    # a store of an earlier version does not say it of its rounds, and none of them measured anything
    is_evaluation = one.get("is_evaluation", False)
    if leaf.kind == "result":
        history["model"] = leaf.model_out.hex()
    figures = max(leaf.loss_sum, leaf.accuracy_sum) if leaf.kind == "evaluation" else 0
    return [
        *rules,
        (leaf.accepted <= one["issued"], "a result of more updates than tokens"),
        (leaf.accepted >= one["min"], "a result of fewer updates than promised"),
        (leaf.kind == "evaluation" or not is_evaluation, "a model made by a round that measures one"),
        (leaf.kind == "result" or is_evaluation, "figures of a round that trains"),
        (figures <= _THOUSANDTHS * leaf.accepted, "figures that so many devices cannot find"),
    ]


def _take_epoch_retirement(history, leaf):
    history["retired_through"] = max(history["retired_through"], leaf.through)
    return []


def _take_restart(history, leaf):
    history["restart"] = {"round_id": leaf.round_id.hex(), "model_digest": leaf.model_digest.hex()}
    return []


_TAKERS = {
    "key": _take_key,
    "manifest": _take_manifest,
    "round": _take_round,
    "result": _take_end,
    "evaluation": _take_end,
    "abandonment": _take_end,
    "epoch_retirement": _take_epoch_retirement,
    "restart": _take_restart,
}
