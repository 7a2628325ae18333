"""A device of a use case: enrols once, fetches tokens ahead of time, takes part in rounds.

    with Device(Settings(...), FileStore(directory)) as device:
        device.enrol()
        device.prefetch()            # at moments that have nothing to do with rounds
        device.participate(train)    # when a round is open: ("accepted", receipt), ("refused", code), ("skipped", why)
"""

from array import array
from dataclasses import dataclass, field, replace

from .ask import Server
from .backoff import uniform
from .clock import Clock
from .enrol import enrol
from .errors import ClientError
from .issuance import Issuance, coming_slots, whole_epoch
from .log_view import LogView
from .manifest import epoch_at, strategy_of
from .model import fetch_model
from .open_round import fetch_open_round
from .pinned_manifest import fetch_manifest
from .privacy import WITHIN_CLIP, clip_of, clipping_of, lane_of
from .schedule import plan_fetches
from .submit import PASSING, prepare, submit
from .succession import broken_rule
from .update import encode_update, is_within_clip
from .wallet import Wallet, use_of


@dataclass(frozen=True)
class Settings:
    #: base URLs without a slash at the end, three different hosts or ports
    issuer: str
    coordinator: str
    intake: str
    use_case: str
    #: enrolment code; used only the first time
    code: str
    #: Ed25519 public key of the deployment, hex: pinned, so it comes with the program and not over the network
    deployment_key: str
    #: what this device asks of the manifest, whoever signed it: {"epoch_seconds", "jitter_ms"}
    floors: dict = field(default_factory=dict)
    #: False: without a token for a round one is fetched and spent at once, which links the two by time
    never_fetch_and_spend: bool = True


class Device:
    def __init__(self, settings, store, clock=None):
        self._settings, self._store, self._clock = settings, store, clock or Clock()
        self._issuer, self._coordinator = (Server(url, self._clock) for url in (settings.issuer, settings.coordinator))
        self._wallet = Wallet(store)
        self._pinned = self._log = None

    def enrol(self):
        """Checks the manifest under the pinned key and in the public log, and enrols; a store of before goes on."""
        # A start may be caused by a round: only a device that has never enrolled has to ask the issuer then.
        is_enrolled = "device_id" in (self._wallet.identity or {})
        self._pinned = self._fetch_manifest(self._coordinator if is_enrolled else self._issuer)
        self._log = LogView(self._store, self._coordinator, self.manifest, self._clock)
        self._log.believe_manifest(self._pinned)
        enrol(self._issuer, self._wallet, self._pinned, self._settings.code)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._issuer.close()
        self._coordinator.close()
        # an app may have put a store of its own in its place
        getattr(self._store, "close", lambda: None)()

    @property
    def manifest(self):
        return self._pinned.manifest

    def prefetch(self, slots=None):
        """Sees to it that the coming `slots` (one batch, unless said) have a token. Returns how many came in."""

        def planner_for(manifest, lane):
            return coming_slots(manifest, manifest.batch if slots is None else slots, lane)

        return self._fetch(planner_for)

    def keep_appointments(self):
        """Fetches all tokens of an epoch at the one moment that was drawn for it, if that is now.

        To be called again and again. Returns {epoch: tokens that came in} of what was due.
        """
        plan = plan_fetches(self.manifest, self._wallet.appointments, self._clock.now())
        self._wallet.set_appointments(plan)
        fetched = {}
        for due in [one for one in plan if not one["done"] and one["at"] <= self._clock.now()]:
            # whatever happens now, this moment is over: what failed gets another one
            others = [one for one in self._wallet.appointments if one != due]
            self._wallet.set_appointments(others)
            fetched[due["epoch"]] = self._fetch(lambda manifest, lane: whole_epoch(manifest, due["epoch"], lane))
            # This epoch's slots may all be taken. Without tokens for the next, the issuer's clock is behind: draw again.
            is_current = due["epoch"] <= epoch_at(self.manifest, self._clock.now())
            if is_current or any(epoch == due["epoch"] for epoch, _ in self._wallet.covered):
                self._wallet.set_appointments(others + [{**due, "done": True}])
        return fetched

    def participate(self, train):
        """Takes part in the round that is open now, at most once.

        `train(parameters, proximal_mu)` is given the round's parameters (float32, may be changed) and returns as many
        numbers, or (numbers, index of a public weight level). An update that was marked before a crash or a lost
        answer is submitted again, byte for byte, and nothing is trained.
        """
        try:
            return self._take_part(train)
        except ClientError as error:
            if error.code != "unknown_manifest":
                raise
        # The round opened after a key was announced, and this device has not fetched tokens since.
        self._follow(self._coordinator)
        return self._take_part(train)

    @property
    def _lane(self):
        """The slots that the issuer gives this device tokens for."""
        return lane_of(self.manifest, self._wallet.identity["device_id"])

    def _fetch(self, planner_for):
        """Looks first whether there is a later manifest: it announces keys."""
        self._follow(self._issuer)
        issuance = Issuance(self._issuer, self._wallet, self._pinned, self._clock)
        return issuance.prefetch(planner_for(self.manifest, self._lane))

    def _take_part(self, train):
        round_ = fetch_open_round(self._coordinator, self._pinned, self._clock)
        # All devices ask the log the same, whatever they hold for this round.
        if round_ is None or not self._log.believe_round(round_, self._pinned):
            return "skipped", "no_open_round"
        if round_.record.issued < self.manifest.k_min:
            return "skipped", "too_few_tokens"
        if round_.record.more.loss_bound is not None:
            # It measures its model; this client trains alone, and keeps its token.
            return "skipped", "no_evaluation"
        may_fetch = not self._settings.never_fetch_and_spend
        if may_fetch and self._wallet.find(round_.epoch, round_.slot) is None:
            self.prefetch()
        token = self._wallet.find(round_.epoch, round_.slot)
        if token is None:
            return "skipped", "no_token"
        if use_of(token, round_) is not None:
            transcript = self._wallet.in_doubt(round_)
            if transcript is None:
                return "skipped", "already_submitted"
        else:
            if not may_fetch and token["fetched_at"] + round_.record.jitter_ms > round_.opened_at:
                return "skipped", "token_too_new"
            transcript = prepare(self.manifest, round_, token, *self._train(train, round_))
            self._wallet.mark_used(round_, transcript)
        return self._submit(round_, token, transcript)

    def _train(self, train, round_):
        """(payload, weight level)"""
        start = fetch_model(self._coordinator, round_.record.model_digest, self.manifest)
        trained = train(array("f", start), _proximal_mu(self.manifest))
        trained, level = trained if isinstance(trained, tuple) else (trained, 0)
        is_adaptive = clipping_of(self.manifest) is not None
        # whether it was within the clip: the training has no say in what levels say there
        levels = 1 if is_adaptive else len(self.manifest.weight_levels)
        if level not in range(levels):
            raise ClientError("bad_training", f"weight level {level}: training may choose among {levels}")
        try:
            trained = array("f", trained)
        except (OverflowError, TypeError) as cause:
            raise ClientError("bad_training", "training must return float32 parameters") from cause
        clip = clip_of(round_.record, self.manifest)
        payload = encode_update(trained, start, self.manifest, clip)
        if is_adaptive and is_within_clip(trained, start, self.manifest, clip):
            level = WITHIN_CLIP
        return payload, level

    def _submit(self, round_, token, transcript):
        # From the end of the training, not from the opening: else all that are late would leave at one moment.
        self._clock.sleep(uniform() * round_.record.jitter_ms)
        prf = bytes.fromhex(token["prf"])
        outcome, what = submit(self._settings.intake, transcript, prf, round_.record.info, self._clock)
        if outcome == "accepted":
            self._wallet.settle(round_, {"receipt": what.hex()})
        elif what not in PASSING:
            self._wallet.settle(round_, {"refused": what})
        return outcome, what

    def _follow(self, server):
        """Takes the newest manifest for its own, where it may and the log has it."""
        newest = self._fetch_manifest(server)
        if newest.digest == self._pinned.digest:
            # the log is asked the same, whether there is news or not
            self._log.believe_manifest(newest)
            return
        # an epoch more: this device's clock may be slow
        current = epoch_at(self.manifest, self._clock.now()) + 1
        fetched = max([self.manifest.keys[0].first_epoch, *(epoch for epoch, _ in self._wallet.covered)])
        broken = broken_rule(self.manifest, newest.manifest, fetched, current)
        if broken is not None:
            raise ClientError("untrusted_manifest", f"the next manifest {broken}")
        self._log.believe_manifest(newest)
        identity = {"manifest_version": newest.manifest.version, "manifest_digest": newest.digest.hex()}
        self._wallet.set_identity({**self._wallet.identity, **identity})
        self._pinned = replace(newest, former_digest=self._pinned.digest)

    def _fetch_manifest(self, server):
        settings = self._settings
        return fetch_manifest(server, settings.use_case, bytes.fromhex(settings.deployment_key), settings.floors)


def _proximal_mu(manifest):
    """FedProx's μ, which training adds as μ/2·‖w − parameters‖² to its loss; 0 with every other strategy."""
    strategy = strategy_of(manifest)
    return strategy.get("mu", 0.0) if strategy["name"] == "FedProx" else 0.0
