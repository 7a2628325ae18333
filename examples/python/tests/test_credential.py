"""What the device's half of RFC 9497 and Ed25519 must refuse."""

import unittest

from starling_client import ed25519, poprf, ristretto255
from starling_client.edwards25519 import GENERATOR, ORDER, P, multiply

from .test_wire import VALUES

SCALAR = int.from_bytes(VALUES.blind, "little")


def finalize(evaluated=VALUES.evaluated, proof=VALUES.proof, tweaked=VALUES.tweaked_key, info=VALUES.info):
    return poprf.finalize([VALUES.token], [SCALAR], [VALUES.blinded], ([evaluated], proof), (tweaked, info))


class Proofs(unittest.TestCase):
    def test_any_bit_of_proof_or_element_that_is_turned(self):
        for name in ("proof", "evaluated"):
            good = getattr(VALUES, name)
            for bit in range(0, 8 * len(good), 5):
                turned = (int.from_bytes(good, "big") ^ 1 << bit).to_bytes(len(good), "big")
                with self.subTest(name=name, bit=bit):
                    self.assertRaises(poprf.InvalidProof, finalize, **{name: turned})

    def test_an_evaluation_under_another_key(self):
        other = ristretto255.encode(multiply(GENERATOR, 7))
        self.assertRaises(poprf.InvalidProof, finalize, tweaked=poprf.tweak_public(other, VALUES.info))
        self.assertRaises(poprf.InvalidProof, finalize, tweaked=poprf.tweak_public(VALUES.primary_key, b"other"))

    def test_scalars_not_below_the_order_and_other_lengths(self):
        challenge, response = (int.from_bytes(half, "little") for half in (VALUES.proof[:32], VALUES.proof[32:]))
        for c, s in ((challenge + ORDER, response), (challenge, response + ORDER)):
            self.assertRaises(poprf.InvalidProof, finalize, proof=c.to_bytes(32, "little") + s.to_bytes(32, "little"))
        for proof in (b"", VALUES.proof[:63], VALUES.proof + b"\x00"):
            self.assertRaises(poprf.InvalidProof, finalize, proof=proof)

    def test_a_proof_for_another_batch(self):
        for evaluated in ([], [VALUES.evaluated] * 2):
            answer = evaluated, VALUES.proof
            with self.assertRaises(poprf.InvalidProof):
                poprf.finalize([VALUES.token], [SCALAR], [VALUES.blinded], answer, (VALUES.tweaked_key, VALUES.info))


class Elements(unittest.TestCase):
    def test_only_the_canonical_encoding(self):
        self.assertEqual(ristretto255.encode(ristretto255.decode(VALUES.blinded)), VALUES.blinded)
        s = int.from_bytes(VALUES.blinded, "little")
        for number in (P - s, s + P, P, 1, 2**255 - 1):
            self.assertIsNone(ristretto255.decode((number % 2**256).to_bytes(32, "little")))
        self.assertIsNone(ristretto255.decode(VALUES.blinded[:31]))

    def test_the_identity_is_no_element(self):
        self.assertRaises(poprf.InvalidProof, finalize, evaluated=bytes(32))
        self.assertRaises(ValueError, poprf.tweak_public, bytes(32), b"")


class Signatures(unittest.TestCase):
    # RFC 8032 §7.1, TEST 2
    SECRET = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    KEY = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    SIGNATURE = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )

    def test_the_rfc(self):
        self.assertEqual(ed25519.public_key(self.SECRET), self.KEY)
        self.assertEqual(ed25519.sign(b"\x72", self.SECRET), self.SIGNATURE)
        self.assertTrue(ed25519.verify(self.SIGNATURE, b"\x72", self.KEY))

    def test_any_bit_turned(self):
        for bit in range(0, 512, 7):
            turned = (int.from_bytes(self.SIGNATURE, "big") ^ 1 << bit).to_bytes(64, "big")
            self.assertFalse(ed25519.verify(turned, b"\x72", self.KEY))
        self.assertFalse(ed25519.verify(self.SIGNATURE, b"\x73", self.KEY))
        self.assertFalse(ed25519.verify(self.SIGNATURE[:63], b"\x72", self.KEY))

    def test_a_second_encoding_of_a_signature(self):
        response = int.from_bytes(self.SIGNATURE[32:], "little") + ORDER
        self.assertFalse(ed25519.verify(self.SIGNATURE[:32] + response.to_bytes(32, "little"), b"\x72", self.KEY))

    def test_keys_of_small_order_sign_nothing(self):
        identity, twisted = (1).to_bytes(32, "little"), (P - 1).to_bytes(32, "little")
        for key in (identity, twisted, bytes(32)):
            self.assertFalse(ed25519.verify(identity + bytes(32), b"", key))
        # y = 1 written as p + 1
        self.assertFalse(ed25519.verify(identity + bytes(32), b"", (P + 1).to_bytes(32, "little")))


if __name__ == "__main__":
    unittest.main()
