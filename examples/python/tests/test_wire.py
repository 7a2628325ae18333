"""Every value of docs/wire.md that a device makes or checks, from those that somebody else chose."""

import json
import os
import unittest
import uuid
from types import SimpleNamespace

from starling_client import ed25519, poprf
from starling_client.canonical import LP, Malformed
from starling_client.log_leaf import decode_leaf, split_entries
from starling_client.manifest import decode_manifest, encode_manifest, epoch_at, key_at, payload_length
from starling_client.merkle import Frontier
from starling_client.messages import ENROLMENT, HEADER, INFO, ISSUANCE, PLAIN, ROUND_RECORD, TOKEN_REQUEST, TREE_HEAD
from starling_client.model import read_model
from starling_client.open_round import check_round
from starling_client.pinned_manifest import PinnedManifest
from starling_client.privacy import EVERY_SLOT, Lane, lane_of
from starling_client.submit import prepare
from starling_client.token_keys import expected_receipt, hmac_sha256, mac_key, sha256
from starling_client.update import encode_update

_FILE = os.path.join(os.path.dirname(__file__), "../../../test/vectors/wire-own.json")
with open(_FILE, encoding="utf8") as _file:
    _VECTORS = json.load(_file)
INPUTS = SimpleNamespace(**_VECTORS["inputs"])
VALUES = SimpleNamespace(**{name: bytes.fromhex(value) for name, value in _VECTORS["values"].items()})
MANIFEST = decode_manifest(VALUES.manifest)


class Wire(unittest.TestCase):
    def test_keys(self):
        for name in ("deployment", "log", "device"):
            secret, key = getattr(VALUES, f"{name}_secret"), getattr(VALUES, f"{name}_key")
            self.assertEqual(ed25519.public_key(secret), key)

    def test_manifest(self):
        self.assertTrue(ed25519.verify(VALUES.manifest_signature, VALUES.manifest, VALUES.deployment_key))
        self.assertEqual(sha256(VALUES.manifest), VALUES.manifest_digest)
        self.assertEqual(encode_manifest(MANIFEST), VALUES.manifest)
        self.assertEqual((MANIFEST.audience, MANIFEST.use_case), (INPUTS.audience, INPUTS.useCase))
        self.assertEqual([vars(entry) for entry in MANIFEST.layout], INPUTS.layout)
        self.assertEqual(key_at(MANIFEST, INPUTS.epoch), VALUES.primary_key)
        self.assertEqual(epoch_at(MANIFEST, INPUTS.timestamp), INPUTS.epoch)
        self.assertEqual(payload_length(MANIFEST), len(VALUES.payload))

    def test_enrolment(self):
        message = ENROLMENT.encode(
            audience=INPUTS.audience, use_case=INPUTS.useCase, code=INPUTS.code, public_key=VALUES.device_key
        )
        self.assertEqual(message, VALUES.enrolment)
        self.assertEqual(ed25519.sign(message, VALUES.device_secret), VALUES.enrolment_signature)

    def test_tokens(self):
        info = INFO.encode(use_case=INPUTS.useCase, suite=poprf.SUITE, epoch=INPUTS.epoch, slot=INPUTS.slot)
        self.assertEqual(info, VALUES.info)
        tweaked = poprf.tweak_public(VALUES.primary_key, info)
        self.assertEqual(tweaked, VALUES.tweaked_key)
        scalar = int.from_bytes(VALUES.blind, "little")
        self.assertEqual(poprf.blind(VALUES.token, scalar), VALUES.blinded)
        answer = [VALUES.evaluated], VALUES.proof
        outputs = poprf.finalize([VALUES.token], [scalar], [VALUES.blinded], answer, (tweaked, info))
        self.assertEqual(outputs, [VALUES.prf])
        self.assertEqual(sha256(b"starling-token-v1" + LP.write(info) + VALUES.token), VALUES.token_hash)
        self.assertEqual(mac_key(VALUES.prf, info), VALUES.mac_key)

    def test_lane(self):
        apart = SimpleNamespace(use_case=INPUTS.useCase, strategy='{"privacy":{"separation":4}}')
        first = int.from_bytes(VALUES.lane_digest[:6], "big") % 4
        self.assertEqual(lane_of(apart, INPUTS.deviceId), Lane(4, first))
        self.assertEqual(lane_of(MANIFEST, INPUTS.deviceId), EVERY_SLOT)

    def test_issuance(self):
        element = SimpleNamespace(slot=INPUTS.slot, blinded=VALUES.blinded)
        request = TOKEN_REQUEST.encode(epoch=INPUTS.epoch, elements=[element])
        self.assertEqual(request, VALUES.token_request)
        self.assertEqual(sha256(request), VALUES.token_request_digest)
        message = ISSUANCE.encode(
            audience=INPUTS.audience,
            device=INPUTS.deviceId,
            use_case=INPUTS.useCase,
            timestamp=INPUTS.timestamp,
            nonce=VALUES.nonce,
            request_digest=VALUES.token_request_digest,
        )
        self.assertEqual(message, VALUES.issuance)
        self.assertEqual(ed25519.sign(message, VALUES.device_secret), VALUES.issuance_signature)

    def test_log(self):
        leaves = split_entries(VALUES.tile)
        self.assertEqual(leaves, [VALUES.key_leaf, VALUES.manifest_leaf, VALUES.round_leaf])
        frontier = Frontier()
        for leaf in leaves:
            frontier.append(leaf)
        self.assertEqual(frontier.root(), VALUES.root)
        head = TREE_HEAD.encode(
            audience=INPUTS.audience, size=len(leaves), root=VALUES.root, timestamp=INPUTS.timestamp
        )
        self.assertEqual(head, VALUES.tree_head)
        self.assertTrue(ed25519.verify(VALUES.tree_head_signature, head, VALUES.log_key))
        self.assertEqual([decode_leaf(leaf).kind for leaf in leaves], ["key", "manifest", "round"])
        figures = decode_leaf(VALUES.evaluation_leaf)
        self.assertEqual((figures.kind, figures.record_digest), ("evaluation", sha256(VALUES.evaluation_record)))
        self.assertEqual(decode_leaf(VALUES.key_leaf).key_digest, sha256(VALUES.primary_key))
        self.assertEqual(decode_leaf(VALUES.manifest_leaf).signature, VALUES.manifest_signature)

    def test_submission(self):
        pinned = PinnedManifest(MANIFEST, VALUES.manifest_digest)
        record = ROUND_RECORD.decode(VALUES.record)
        self.assertEqual(ROUND_RECORD.encode(**vars(record)), VALUES.record)
        ends = [ROUND_RECORD.decode(one).more for one in (VALUES.record, VALUES.clip_record, VALUES.evaluation_record)]
        bound = 1000 * INPUTS.measured["lossBound"]
        found = [(end.clip_micros, end.loss_bound) for end in ends]
        self.assertEqual(found, [(None, None), (500_000, None), (None, bound)])
        round_ = check_round(VALUES.record, str(uuid.UUID(bytes=record.round_id)), 0, pinned)
        self.assertEqual(round_.record_digest, VALUES.record_digest)
        start = read_model(VALUES.model, MANIFEST.layout)
        self.assertEqual((sha256(VALUES.model), list(start)), (record.model_digest, INPUTS.start))
        payload = encode_update(INPUTS.trained, start, MANIFEST, INPUTS.grid["clip"])
        self.assertEqual((payload, sha256(payload)), (VALUES.payload, VALUES.payload_digest))
        self.assertEqual(encode_update(INPUTS.trained, start, MANIFEST, 1), VALUES.clipped_payload)
        token = {"token": VALUES.token.hex(), "prf": VALUES.prf.hex()}
        header, mac, _ = prepare(MANIFEST, round_, token, payload)
        self.assertEqual((header, mac), (VALUES.header, VALUES.mac))
        self.assertEqual(hmac_sha256(VALUES.mac_key, header), mac)
        self.assertEqual((sha256(header), sha256(header + mac)), (VALUES.header_digest, VALUES.transcript_digest))
        self.assertEqual(expected_receipt(VALUES.prf, VALUES.info, header), VALUES.receipt)
        self.assertEqual(HEADER.decode(header).mode, PLAIN)


class Refusals(unittest.TestCase):
    def test_a_message_cut_anywhere_or_longer_by_a_byte(self):
        for decode, data in (
            (decode_manifest, VALUES.manifest),
            (ROUND_RECORD.decode, VALUES.record),
            (HEADER.decode, VALUES.header),
            (INFO.decode, VALUES.info),
        ):
            for end in range(len(data)):
                self.assertRaises(Malformed, decode, data[:end])
            self.assertRaises(Malformed, decode, data + b"\x00")
            self.assertRaises(Malformed, decode, b"S" + data[1:])

    def test_a_manifest_that_breaks_a_rule(self):
        for change in (
            {"keys": []},
            {"keys": MANIFEST.keys * 2},
            {"reuse": 0},
            {"reuse": 65},
            {"weight_levels": []},
            {"weight_levels": [0]},
            {"batch": MANIFEST.slots + 1},
            {"quota": 0},
            {"epoch_seconds": 0},
            {"k_min": 0},
            {"strategy": ""},
            {"scale": 0},
            {"chunk_bytes": 1022},
            {"layout": []},
            {"layout": MANIFEST.layout * 2},
            {"encoding": 5},
            {"encoding": 4, "top_k": 10},
            {"encoding": 3},
        ):
            with self.subTest(change=change):
                self.assertRaises(Malformed, encode_manifest, SimpleNamespace(**{**vars(MANIFEST), **change}))

    def test_leaves_of_no_known_kind_say_nothing(self):
        self.assertIsNone(decode_leaf(b"starling-leaf-v1\x63what"))
        self.assertIsNone(decode_leaf(VALUES.key_leaf + b"\x00"))


if __name__ == "__main__":
    unittest.main()
