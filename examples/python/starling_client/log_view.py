"""The log as this device has read it, from its first leaf on (docs/wire.md, "The log").

Whoever reads every leaf needs no proof from anybody: the device computes the root itself and compares it with the
signed head. Requests name the public head and whole tiles, never a leaf, a size or anything of its own.
"""

import copy

from . import ed25519
from .ask import hex_bytes, whole
from .backoff import Backoff
from .canonical import Malformed
from .errors import ClientError, require
from .history import EMPTY, advance, find_round, forget_old_rounds, rounds_at
from .log_leaf import decode_leaf, split_entries
from .merkle import Frontier
from .messages import TREE_HEAD
from .token_keys import sha256

TILE_WIDTH = 256
MAX_TILE_BYTES = TILE_WIDTH * (2**16 + 2)
STATE = "log"
_EMPTY_STATE = {"size": 0, "hashes": [], "head": None, "history": EMPTY}


class LogView:
    def __init__(self, store, coordinator, manifest, clock):
        self._store, self._coordinator, self._clock = store, coordinator, clock
        self._audience, self._log_key, self._use_case = manifest.audience, manifest.log_key, manifest.use_case
        self._state = store.read_json(STATE) or copy.deepcopy(_EMPTY_STATE)

    @property
    def history(self):
        return self._state["history"]

    def sync(self):
        """Reads the log up to its latest head. Durable when it returns; where it raises nothing has changed."""
        head = self._fetch_head()
        _check_against(self._state["head"], head)
        if head["size"] > self._state["size"]:
            state = self._read(head)
            self._store.write_json(STATE, state)
            self._state = state
        elif self._state["head"] is None:
            raise _split_view("the log is empty")
        if self.history["faults"]:
            raise ClientError("untrusted_log", self.history["faults"][0])

    def believe_manifest(self, pinned):
        """A manifest is believed when the log has it, and every key it lists. Raises `unlogged`."""
        self._await(lambda: self._missing_of(pinned))

    def believe_round(self, round_, pinned):
        """A round is believed when its record is in the log, alone in its place, and begins with the last result.

        Returns False where the log says that it is over. Raises `unlogged`, `bad_round`.
        """
        self._await(lambda: None if find_round(self.history, round_.record_digest) else f"the record of {round_.id}")
        logged = find_round(self.history, round_.record_digest)
        expected = logged["expected_model"] or pinned.manifest.initial_model.hex()
        rules = [
            (len(rounds_at(self.history, logged)) == 1, "is not the only one of its slot"),
            (logged["model_digest"] == expected, "begins with neither the last result nor a restart"),
            (logged["epoch"] > self.history["retired_through"], "is of a retired epoch"),
        ]
        require("bad_round", rules, f"the round record of {round_.id}")
        return logged["end"] is None

    def _await(self, missing):
        """Reads the log again for a while: a fact may be a head or two ahead of it."""
        backoff = Backoff(attempts=6, base_ms=250, cap_ms=2000)
        while True:
            self._sync_unless_empty()
            what = missing()
            if what is None:
                return
            wait = backoff.next()
            if wait is None:
                raise ClientError("unlogged", f"the public log does not have {what}")
            self._clock.sleep(wait)

    def _sync_unless_empty(self):
        """A log that was just begun has no head for a moment. Where there was one, there is one."""
        try:
            self.sync()
        except ClientError as error:
            if error.refused_with != "not_found" or self._state["head"] is not None:
                raise

    def _missing_of(self, pinned):
        manifest = pinned.manifest
        logged = {"version": manifest.version, "digest": pinned.digest.hex()}
        if logged not in self.history["manifests"]:
            return f"manifest version {manifest.version}"
        for key in manifest.keys:
            digest = sha256(key.public_key).hex()
            logged = {"suite": manifest.suite, "key_digest": digest, "first_epoch": key.first_epoch}
            if logged not in self.history["keys"]:
                return f"the key from epoch {key.first_epoch} on"
        return None

    def _fetch_head(self):
        head = self._coordinator.json("/v1/log/head", _head_of)
        message = TREE_HEAD.encode(
            audience=self._audience, size=head["size"], root=bytes.fromhex(head["root"]), timestamp=head["timestamp"]
        )
        if not ed25519.verify(bytes.fromhex(head["signature"]), message, self._log_key):
            raise ClientError("untrusted_log", "a tree head that the log's key did not sign")
        return head

    def _read(self, head):
        state = copy.deepcopy(self._state)
        frontier = Frontier(state["size"], [bytes.fromhex(node) for node in state["hashes"]])
        for leaf in self._leaves(state["size"], head["size"]):
            known = decode_leaf(leaf)
            if known is not None:
                advance(state["history"], known, frontier.size, self._use_case)
            frontier.append(leaf)
        if frontier.root().hex() != head["root"]:
            raise _split_view("the leaves served are not those of the signed head")
        forget_old_rounds(state["history"])
        hashes = [node.hex() for node in frontier.hashes]
        return {**state, "size": head["size"], "hashes": hashes, "head": head}

    def _leaves(self, start, end):
        for tile in range(start // TILE_WIDTH, (end - 1) // TILE_WIDTH + 1):
            path = f"/v1/log/entries/{tile}"
            try:
                entries = split_entries(self._coordinator.bytes(path, MAX_TILE_BYTES))
            except Malformed:
                raise ClientError("malformed_reply", f"{path}: not a tile of the log") from None
            first = tile * TILE_WIDTH
            wanted = range(max(start, first), min(end, first + TILE_WIDTH))
            if len(entries) < len(wanted) + wanted.start - first:
                raise _split_view("leaves of the signed head are withheld")
            yield from (entries[position - first] for position in wanted)


def _head_of(reply):
    hex_bytes(reply["root"], 32), hex_bytes(reply["signature"], 64)
    head = {name: reply[name] for name in ("root", "signature")}
    return {**head, "size": whole(reply["size"]), "timestamp": whole(reply["timestamp"])}


def _check_against(last, head):
    """One log has one head of each moment, one root of each size, and only ever grows."""
    if last is None:
        return
    same_size = head["size"] == last["size"]
    rules = [
        (head["size"] >= last["size"], f"the log had {last['size']} leaves and now has {head['size']}"),
        (not same_size or head["root"] == last["root"], f"two logs of {head['size']} leaves"),
        (head["timestamp"] != last["timestamp"] or same_size, "two heads of one moment"),
        (head["timestamp"] >= last["timestamp"] or same_size, "a larger log of an earlier moment"),
    ]
    for holds, what in rules:
        if not holds:
            raise _split_view(what)


def _split_view(what):
    return ClientError("split_view", f"this is not the log of before, or not everybody's: {what}")
