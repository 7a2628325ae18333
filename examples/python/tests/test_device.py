"""Parts of a device: which batch it asks for, which manifest may follow, what it keeps, how its frames look."""

import contextlib
import os
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import unittest
import unittest.mock
from types import SimpleNamespace

from starling_client.backoff import Backoff
from starling_client.device import Device, Settings
from starling_client.errors import ClientError
from starling_client.history import EMPTY, advance
from starling_client.issuance import coming_slots, whole_epoch
from starling_client.log_leaf import decode_leaf
from starling_client.manifest import is_current_epoch
from starling_client.merkle import Frontier
from starling_client.pinned_manifest import PinnedManifest
from starling_client.store import FileStore
from starling_client.succession import broken_rule
from starling_client.token_keys import sha256
from starling_client.wallet import Wallet
from starling_client.websocket import BINARY, ConnectionLost, WebSocket, masked

from .test_wire import INPUTS, MANIFEST, VALUES


def changed(**changes):
    return SimpleNamespace(**{**vars(MANIFEST), **changes})


class Batches(unittest.TestCase):
    RULES = SimpleNamespace(slots=8, batch=3, quota=6)

    def plan(self, window, wanted, covered):
        return coming_slots(self.RULES, wanted)(window, covered)

    def test_whole_batches_from_the_first_missing_slot(self):
        self.assertEqual(self.plan((5, 0), 3, []), (5, [0, 1, 2]))
        self.assertEqual(self.plan((5, 2), 1, []), (5, [2, 3, 4]))
        self.assertEqual(self.plan((5, 0), 3, [(5, 0), (5, 2)]), (5, [1, 3]))
        self.assertIsNone(self.plan((5, 0), 3, [(5, 0), (5, 1), (5, 2)]))

    def test_ends_with_the_epoch_and_with_its_quota(self):
        self.assertEqual(self.plan((5, 7), 1, []), (5, [7]))
        self.assertEqual(self.plan((5, 7), 2, [(5, 7)]), (6, [0, 1, 2]))
        self.assertEqual(self.plan((5, 4), 4, [(5, slot) for slot in range(5)]), (5, [5]))
        self.assertEqual(self.plan((5, 6), 3, [(5, slot) for slot in range(6)]), (6, [0, 1, 2]))

    def test_a_whole_epoch(self):
        plan = whole_epoch(self.RULES, 6)
        self.assertEqual(plan((5, 2), []), (6, [0, 1, 2]))
        self.assertIsNone(plan((5, 2), [(6, slot) for slot in range(6)]))


class Appointments(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.store = FileStore(os.path.join(directory.name, "store"))
        self.addCleanup(self.store.close)
        self.now = MANIFEST.epoch_origin + 3_600_000 * INPUTS.epoch
        settings = Settings("http://issuer", "http://coordinator", "http://intake", "digits", "", "00" * 32)
        self.device = Device(settings, self.store, SimpleNamespace(now=lambda: self.now))
        self.device._pinned = PinnedManifest(MANIFEST, VALUES.manifest_digest)

    def appointments(self):
        return Wallet(self.store).appointments

    def make_due(self, count):
        """So many of them are now, and the others later."""
        plan = self.appointments()
        later = [self.now - 1] * count + [self.now + 1000] * 2
        self.device._wallet.set_appointments([{**one, "at": at} for one, at in zip(plan, later)])

    def test_what_failed_gets_another_moment_and_not_this_one_again(self):
        self.assertEqual(self.device.keep_appointments(), {})
        self.assertEqual([one["epoch"] for one in self.appointments()], [INPUTS.epoch, INPUTS.epoch + 1])
        self.make_due(1)
        with unittest.mock.patch.object(self.device, "_fetch", side_effect=ClientError("unreachable", "")):
            self.assertRaises(ClientError, self.device.keep_appointments)
        self.assertEqual(len(self.appointments()), 1)
        with unittest.mock.patch.object(self.device, "_fetch", side_effect=AssertionError("at once")):
            self.device.keep_appointments()
        self.assertEqual(len(self.appointments()), 2)

    def test_what_was_kept_is_done(self):
        self.device.keep_appointments()
        self.make_due(2)
        with unittest.mock.patch.object(self.device, "_fetch", return_value=0):
            fetched = self.device.keep_appointments()
        self.assertEqual(fetched, {INPUTS.epoch: 0, INPUTS.epoch + 1: 0})
        # no token came in for the next epoch, so that one is drawn again
        self.assertEqual([(one["epoch"], one["done"]) for one in self.appointments()], [(INPUTS.epoch, True)])


class Manifests(unittest.TestCase):
    def test_one_that_may_follow(self):
        announced = SimpleNamespace(public_key=b"x" * 32, first_epoch=300)
        later = changed(version=2, keys=[*MANIFEST.keys, announced], k_min=41, jitter_ms=700_000)
        self.assertIsNone(broken_rule(MANIFEST, later, fetched=299, current=258))
        self.assertEqual(broken_rule(MANIFEST, later, fetched=300, current=258), "changes the key of an epoch")

    def test_those_that_may_not(self):
        for change in (
            {"version": 1},
            {"k_min": 39},
            {"jitter_ms": 1},
            {"scale": 1},
            {"slots": 1},
            {"log_key": bytes(32)},
            {"layout": MANIFEST.layout[:1]},
            {"keys": [SimpleNamespace(public_key=b"x" * 32, first_epoch=0)]},
            {"keys": [SimpleNamespace(public_key=VALUES.primary_key, first_epoch=300)]},
        ):
            with self.subTest(change=change):
                self.assertIsNotNone(broken_rule(MANIFEST, changed(**{"version": 2, **change}), 258, 258))

    def test_the_epoch_is_now_give_or_take_five_minutes(self):
        end = MANIFEST.epoch_origin + 3_600_000 * (INPUTS.epoch + 1)
        self.assertTrue(is_current_epoch(MANIFEST, INPUTS.epoch, end + 299_000))
        self.assertFalse(is_current_epoch(MANIFEST, INPUTS.epoch, end + 301_000))
        self.assertFalse(is_current_epoch(MANIFEST, INPUTS.epoch + 1, end - 301_000))


class Log(unittest.TestCase):
    def test_roots_are_those_of_the_definition(self):
        def root(leaves):
            if len(leaves) < 2:
                return sha256(b"\x00" + leaves[0]) if leaves else sha256(b"")
            k = 1 << (len(leaves) - 1).bit_length() - 1
            return sha256(b"\x01" + root(leaves[:k]) + root(leaves[k:]))

        leaves = [bytes([i]) for i in range(40)]
        frontier = Frontier()
        for size in range(40):
            self.assertEqual(frontier.root(), root(leaves[:size]))
            frontier = Frontier(frontier.size, frontier.hashes)
            frontier.append(leaves[size])

    def test_a_log_that_contradicts_itself(self):
        leaves = [decode_leaf(getattr(VALUES, f"{name}_leaf")) for name in ("key", "manifest", "round")]
        for twice, what in ((0, "a second key"), (1, "manifest version 1"), (2, "a second record")):
            history = {name: list(value) if isinstance(value, list) else value for name, value in EMPTY.items()}
            for position, leaf in enumerate([*leaves, leaves[twice]]):
                self.assertEqual(history["faults"], [])
                advance(history, leaf, position, INPUTS.useCase)
            self.assertTrue(history["faults"][0].startswith(f"leaf 3 is {what}"), history["faults"])
            other = {name: list(value) if isinstance(value, list) else value for name, value in EMPTY.items()}
            advance(other, leaves[twice], 0, "another")
            self.assertEqual(other, EMPTY)


class Stores(unittest.TestCase):
    def setUp(self):
        self._directory = tempfile.TemporaryDirectory()
        self.path = os.path.join(self._directory.name, "store")
        self.store = FileStore(self.path)

    def tearDown(self):
        self.store.close()
        self._directory.cleanup()

    def test_one_program_at_a_time(self):
        with self._holder() as holder:
            self.assertEqual(self._refusal(self.store.read, "wallet"), "store_in_use")
            holder.kill()
        self.store.write("wallet", b"one")
        self.assertEqual(self._refusal(FileStore(self.path).write, "wallet", b"two"), "store_in_use")
        self.store.close()
        for call in (self.store.read, self.store.remove):
            self.assertEqual(self._refusal(call, "wallet"), "store_in_use")
        with contextlib.closing(FileStore(self.path)) as next_one:
            self.assertEqual(next_one.read("wallet"), b"one")

    def test_neither_a_child_nor_an_exception_keeps_it(self):
        self.store.write("wallet", b"one")
        ready, child_says = os.pipe()
        child = os.fork()
        if child == 0:
            refused = self._refusal(self.store.read, "wallet") == "store_in_use"
            os.write(child_says, b"1" if refused else b"0")
            signal.pause()
        self.addCleanup(os.waitpid, child, 0)
        self.addCleanup(os.kill, child, signal.SIGKILL)
        self.assertEqual(os.read(ready, 1), b"1")
        self.assertEqual(self.store.read("wallet"), b"one")
        del self.store  # as whoever is killed: without a word
        self.store = FileStore(self.path)
        self.assertEqual(self.store.read("wallet"), b"one")

    def _holder(self):
        """Another program that has the folder."""
        script = "\n".join(
            [
                "import sys",
                "from starling_client.store import FileStore",
                "store = FileStore(sys.argv[1])",
                "store.write('wallet', b'zero')",
                "print('mine', flush=True)",
                "sys.stdin.read()",
            ]
        )
        pipe = subprocess.PIPE
        holder = subprocess.Popen([sys.executable, "-B", "-c", script, self.path], stdin=pipe, stdout=pipe, text=True)
        self.assertEqual(holder.stdout.readline(), "mine\n")
        return holder

    def _refusal(self, call, *arguments):
        with self.assertRaises(ClientError) as caught:
            call(*arguments)
        return caught.exception.code

    def test_for_its_owner_alone_and_replaced_whole(self):
        self.store.write("wallet", b"one")
        self.store.write("wallet", b"two")
        self.assertEqual((self.store.read("wallet"), self.store.read("other")), (b"two", None))
        self.assertEqual(os.listdir(self.path), ["wallet"])
        modes = [stat.S_IMODE(os.stat(path).st_mode) for path in (self.path, os.path.join(self.path, "wallet"))]
        self.assertEqual(modes, [0o700, 0o600])
        self.assertRaises(ValueError, self.store.read, "../wallet")

    def test_a_damaged_one_is_an_error_without_a_quote(self):
        self.store.write("wallet", b'{"secret')
        with self.assertRaises(ClientError) as caught:
            Wallet(self.store)
        self.assertEqual(caught.exception.code, "damaged_store")
        self.assertNotIn("secret", str(caught.exception))

    def test_a_token_is_used_once_and_a_doubt_survives(self):
        wallet = Wallet(self.store)
        wallet.add_tokens([{"epoch": 5, "slot": 1, "token": "", "prf": "", "fetched_at": 0, "uses": []}])
        round_ = SimpleNamespace(epoch=5, slot=1, use_no=0)
        wallet.mark_used(round_, (b"header", b"mac", b"payload"))
        again = Wallet(self.store)
        self.assertEqual(again.in_doubt(round_), (b"header", b"mac", b"payload"))
        self.assertRaises(ClientError, again.mark_used, round_, (b"other", b"mac", b"payload"))
        again.settle(round_, {"receipt": "00"})
        self.assertIsNone(Wallet(self.store).in_doubt(round_))
        self.assertEqual(os.listdir(self.path), ["wallet"])
        again.forget_before(6, 1)
        self.assertEqual(Wallet(self.store).tokens, [])


class Waiting(unittest.TestCase):
    def test_a_bounded_number_of_times_and_never_sooner_than_told(self):
        backoff = Backoff(attempts=5, base_ms=100, cap_ms=1000)
        waits = [backoff.next(1500) for _ in range(5)]
        self.assertIsNone(waits.pop())
        for wait in waits:
            self.assertTrue(2100 <= wait <= 3000, waits)


class Frames(unittest.TestCase):
    def test_masking(self):
        # RFC 6455 §5.7: "Hello", masked
        self.assertEqual(masked(b"Hello", bytes.fromhex("37fa213d")).hex(), "7f9f4d5158")
        self.assertEqual(masked(b"", b"1234"), b"")

    def _pair(self):
        here, there = socket.socketpair()
        self.addCleanup(here.close)
        self.addCleanup(there.close)
        one = WebSocket.__new__(WebSocket)
        one._socket, one._buffer = here, b""
        return one, there

    def test_what_is_sent_is_masked_in_all_lengths(self):
        for length in (0, 125, 126, 65_535, 65_536):
            one, there = self._pair()
            one.send(bytes(length), BINARY)
            frame = there.recv(14)
            self.assertEqual(frame[0], 0x82)
            self.assertTrue(frame[1] & 0x80)
            short = {126: 126, 65_535: 126, 65_536: 127}.get(length, length)
            self.assertEqual(frame[1] & 0x7F, short)

    def test_pings_are_answered_and_fragments_put_together(self):
        one, there = self._pair()
        there.sendall(b"\x01\x02He" + b"\x89\x01!" + b"\x80\x03llo")
        self.assertEqual(one.receive(5), "Hello")
        pong = there.recv(100)
        self.assertEqual((pong[0], masked(pong[6:], pong[2:6])), (0x8A, b"!"))

    def test_frames_that_no_server_sends(self):
        for frame in (b"\x88\x00", b"\xc1\x00", b"\x81\x80aaaa", b"\x82\x7f" + struct.pack("!Q", 2**40), b"\x81"):
            one, there = self._pair()
            there.sendall(frame)
            there.shutdown(socket.SHUT_WR)
            self.assertRaises(ConnectionLost, one.receive, 5)


if __name__ == "__main__":
    unittest.main()
