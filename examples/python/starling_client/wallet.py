"""A device's key and tokens. Changes are durable when the call returns: whatever leaves the device was written before.

It is JSON as it is stored, bytes in hex:

    identity   {use_case, secret_key, device_id?, manifest_version, manifest_digest}
    pending    {epoch, slots: [{slot, token, blind, blinded, key}]}     a batch that was, or is about to be, sent
    tokens     [{epoch, slot, token, prf, fetched_at, uses: [{use_no, header, mac, settled?}]}]
    lost       [{epoch, slot}]                                          charged for, and the blinds are gone
    appointments [{epoch, at, done}]                                    when tokens are fetched: starting again draws no other
"""

import copy

from .errors import ClientError

STATE = "wallet"
_EMPTY = {"identity": None, "pending": None, "tokens": [], "lost": [], "appointments": []}


class Wallet:
    def __init__(self, store):
        self._store = store
        self._state = store.read_json(STATE) or copy.deepcopy(_EMPTY)

    @property
    def identity(self):
        return self._state["identity"]

    @property
    def pending(self):
        return self._state["pending"]

    @property
    def tokens(self):
        return self._state["tokens"]

    @property
    def covered(self):
        """Where asking for a token is of no use: there is one already, or it is lost."""
        return [(place["epoch"], place["slot"]) for place in self._state["tokens"] + self._state["lost"]]

    def find(self, epoch, slot):
        return next((one for one in self.tokens if (one["epoch"], one["slot"]) == (epoch, slot)), None)

    @property
    def appointments(self):
        return self._state["appointments"]

    def set_appointments(self, appointments):
        """Replaces all of them; writes nothing where nothing changed."""
        if appointments != self.appointments:
            self._change(appointments=appointments)

    def set_identity(self, identity):
        self._change(identity=identity)

    def set_pending(self, pending):
        """To be called before the batch is sent: only with its blinds can the answer be used."""
        self._change(pending=pending)

    def drop_pending(self, charged):
        """Gives the pending batch up; `charged` where the issuer will not evaluate its slots again."""
        epoch, slots = self.pending["epoch"], self.pending["slots"]
        lost = [{"epoch": epoch, "slot": one["slot"]} for one in slots] if charged else []
        self._change(pending=None, lost=self._state["lost"] + lost)

    def add_tokens(self, tokens):
        """Turns the pending batch into tokens, in one step."""
        self._change(pending=None, tokens=self.tokens + tokens)

    def forget_before(self, epoch, reuse):
        """Forgets what belongs to epochs that are over."""
        old = [token for token in self.tokens if token["epoch"] < epoch]
        keep = {name: [one for one in self._state[name] if one["epoch"] >= epoch] for name in ("tokens", "lost")}
        is_stale = self.pending is not None and self.pending["epoch"] < epoch
        self._change(pending=None if is_stale else self.pending, **keep)
        for token in old:
            for use_no in range(reuse):
                self._store.remove(_payload_of(token["epoch"], token["slot"], use_no))

    def mark_used(self, round_, transcript):
        """Marks a use of a token as taken by this very update, before anything of it leaves the device."""
        header, mac, payload = transcript
        token = self.find(round_.epoch, round_.slot)
        if token is None or use_of(token, round_) is not None:
            raise ClientError("token_used", f"no use {round_.use_no} left of epoch {round_.epoch}, slot {round_.slot}")
        self._store.write(_payload_of(round_.epoch, round_.slot, round_.use_no), payload)
        use = {"use_no": round_.use_no, "header": header.hex(), "mac": mac.hex()}
        token["uses"] = token["uses"] + [use]
        self._change()

    def in_doubt(self, round_):
        """The marked update again, byte for byte; None where nothing is in doubt."""
        use = use_of(self.find(round_.epoch, round_.slot), round_)
        if use is None or "settled" in use:
            return None
        payload = self._store.read(_payload_of(round_.epoch, round_.slot, round_.use_no))
        return payload and (bytes.fromhex(use["header"]), bytes.fromhex(use["mac"]), payload)

    def settle(self, round_, settled):
        """Writes down what intake said in the end, and forgets the update itself."""
        use_of(self.find(round_.epoch, round_.slot), round_)["settled"] = settled
        self._change()
        self._store.remove(_payload_of(round_.epoch, round_.slot, round_.use_no))

    def _change(self, **changes):
        state = {**self._state, **changes}
        self._store.write_json(STATE, state)
        self._state = state


def use_of(token, round_):
    """The use of a token that a round was given, if it was."""
    return next((use for use in token["uses"] if use["use_no"] == round_.use_no), None)


def _payload_of(epoch, slot, use_no):
    return f"update-{epoch}-{slot}-{use_no}"
