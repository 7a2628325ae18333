"""Tokens: blinded, evaluated by the issuer, and unblinded, in whole batches (docs/wire.md, "Tokens")."""

import secrets
from types import SimpleNamespace

from . import ed25519
from .ask import hex_bytes, whole
from .errors import ClientError
from .manifest import is_current_epoch, key_at
from .messages import INFO, ISSUANCE, TOKEN_REQUEST
from .poprf import InvalidProof, blind, finalize, random_blind, tweak_public
from .privacy import EVERY_SLOT
from .token_keys import sha256

SLOTS_PER_REQUEST = 256
#: a round took a slot while a batch for it was under way: plan anew, but not for ever
REPLANS = 3
#: refusals after which the same batch can never be answered, and whether its slots are gone with it
FINAL = {
    "epoch_not_open": False,
    "quota_exhausted": False,
    "wrong_slot": False,
    "malformed_element": False,
    "malformed_message": False,
    "slot_taken": True,
}
REPLANNED = {"epoch_not_open", "slot_taken"}


class Issuance:
    """A device that may ask this issuer for tokens."""

    def __init__(self, issuer, wallet, pinned, clock):
        self._issuer, self._wallet, self._pinned, self._clock = issuer, wallet, pinned, clock

    def prefetch(self, planner):
        """Fetches until the planner has no batch any more. Returns how many tokens came in.

        A batch left over from a crash or a lost answer is sent first, byte for byte the same: nothing is charged twice.
        """
        window, replans, fetched = self._window(), REPLANS, 0
        self._wallet.forget_before(window[0], self._pinned.manifest.reuse)
        while self._plan(window, planner):
            try:
                tokens = self._redeem(self._wallet.pending)
                self._wallet.add_tokens(tokens)
                fetched += len(tokens)
            except ClientError as error:
                if error.refused_with in FINAL:
                    self._wallet.drop_pending(charged=FINAL[error.refused_with])
                if error.refused_with not in REPLANNED or replans == 0:
                    raise
                replans -= 1
                window = self._window()
        return fetched

    def _window(self):
        """Where issuance stands: (epoch, first slot that no round has taken). The issuer has no say in the epoch."""
        manifest = self._pinned.manifest
        epoch, next_slot = self._issuer.json(
            f"/v1/use-cases/{manifest.use_case}/slots",
            lambda reply: (whole(reply["epoch"]), whole(reply["nextSlot"])),
        )
        if not is_current_epoch(manifest, epoch, self._clock.now()):
            raise ClientError("malicious_issuer", f"the issuer is in epoch {epoch}, which is not now by this clock")
        return epoch, next_slot

    def _plan(self, window, planner):
        """Sees to it that a batch is pending; False when nothing is missing."""
        if self._wallet.pending is not None:
            return True
        batch = planner(window, self._wallet.covered)
        if batch is None:
            return False
        epoch, slots = batch
        self._wallet.set_pending({"epoch": epoch, "slots": [self._blind(epoch, slot) for slot in slots]})
        return True

    def _blind(self, epoch, slot):
        """One token, blinded for a key that the issuer has no say in."""
        primary = key_at(self._pinned.manifest, epoch)
        if primary is None:
            raise ClientError("malicious_issuer", f"the manifest has no key for epoch {epoch}")
        token, scalar = secrets.token_bytes(32), random_blind()
        key = tweak_public(primary, info_at(self._pinned.manifest, epoch, slot))
        blinded = blind(token, scalar)
        return {"slot": slot, "token": token.hex(), "blind": f"{scalar:x}", "blinded": blinded.hex(), "key": key.hex()}

    def _redeem(self, batch):
        """Sends a blinded batch and takes the blinds off what comes back. One bad proof, and there are no tokens."""
        path = f"/v1/use-cases/{self._pinned.manifest.use_case}/tokens"
        fetched_at = self._clock.now()
        evaluated, proofs = self._issuer.json(path, _evaluation_of, "POST", lambda: self._signed(batch))
        if len(evaluated) != len(batch["slots"]) or len(proofs) != len(batch["slots"]):
            raise ClientError("malformed_reply", f"asked for {len(batch['slots'])} tokens, got {len(evaluated)}")
        return [
            {
                "epoch": batch["epoch"],
                "slot": one["slot"],
                "token": one["token"],
                "prf": self._unblind(batch["epoch"], one, answer).hex(),
                "fetched_at": fetched_at,
                "uses": [],
            }
            for one, answer in zip(batch["slots"], zip(evaluated, proofs))
        ]

    def _unblind(self, epoch, one, answer):
        token, blinded, key = (bytes.fromhex(one[name]) for name in ("token", "blinded", "key"))
        info = info_at(self._pinned.manifest, epoch, one["slot"])
        try:
            element, proof = answer
            return finalize([token], [int(one["blind"], 16)], [blinded], ([element], proof), (key, info))[0]
        except InvalidProof as cause:
            message = f"slot {one['slot']}: not evaluated under the manifest's key"
            raise ClientError("malicious_issuer", message) from cause

    def _signed(self, batch):
        """Headers and JSON of the request, signed by the device: the issuer knows who asks, and not for what."""
        manifest, identity = self._pinned.manifest, self._wallet.identity
        elements = [SimpleNamespace(slot=one["slot"], blinded=bytes.fromhex(one["blinded"])) for one in batch["slots"]]
        digest = sha256(TOKEN_REQUEST.encode(epoch=batch["epoch"], elements=elements))
        timestamp, nonce = self._clock.now(), secrets.token_bytes(16)
        message = ISSUANCE.encode(
            audience=manifest.audience,
            device=identity["device_id"],
            use_case=manifest.use_case,
            timestamp=timestamp,
            nonce=nonce,
            request_digest=digest,
        )
        headers = {
            "starling-device": identity["device_id"],
            "starling-timestamp": str(timestamp),
            "starling-nonce": nonce.hex(),
            "starling-signature": ed25519.sign(message, bytes.fromhex(identity["secret_key"])).hex(),
        }
        slots = [element.slot for element in elements]
        blinded = [element.blinded.hex() for element in elements]
        return headers, {"epoch": batch["epoch"], "slots": slots, "blinded": blinded}


def info_at(manifest, epoch, slot):
    """The attributes that a slot's tokens are for, by the manifest alone."""
    return INFO.encode(use_case=manifest.use_case, suite=manifest.suite, epoch=epoch, slot=slot)


def coming_slots(manifest, wanted, lane=EVERY_SLOT):
    """Plans for the coming `wanted` slots of a lane, in this epoch and the next."""
    return lambda window, covered: _next_batch(manifest, lane, _coming(manifest, window, lane)[:wanted], covered)


def whole_epoch(manifest, epoch, lane=EVERY_SLOT):
    """Plans for all slots of one epoch that may still be issued, within the quota: the same on every device."""

    def plan(window, covered):
        coming = [place for place in _coming(manifest, window, lane) if place[0] == epoch]
        return _next_batch(manifest, lane, coming, covered)

    return plan


def _next_batch(manifest, lane, coming, covered):
    """(epoch, slots), or None when nothing is missing.

    `manifest.batch` consecutive slots of the lane from the first that is not covered, fewer only where the epoch or its quota ends:
    a batch made to measure would tell devices apart.
    """
    left = {at: manifest.quota - sum(one[0] == at for one in covered) for at, _ in coming}
    first = next((place for place in coming if place not in covered and left[place[0]] > 0), None)
    if first is None:
        return None
    batch = range(first[1], manifest.slots, lane.separation)[: min(manifest.batch, SLOTS_PER_REQUEST)]
    free = [slot for slot in batch if (first[0], slot) not in covered]
    return first[0], free[: left[first[0]]]


def _coming(manifest, window, lane):
    """Slots of this epoch and the next that may be issued to this device, in their order."""
    epoch, next_slot = window
    rest = [(epoch, slot) for slot in range(next_slot, manifest.slots)]
    coming = rest + [(epoch + 1, slot) for slot in range(manifest.slots)]
    return [place for place in coming if lane.has(place[1])]


def _evaluation_of(reply):
    return [hex_bytes(one, 32) for one in reply["evaluated"]], [hex_bytes(one, 64) for one in reply["proofs"]]
