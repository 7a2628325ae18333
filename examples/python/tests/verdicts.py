"""What this client makes of cases that another one has judged as well: python3 -m tests.verdicts FILE

The file is JSON, a list of cases for each kind of question; what is printed has an answer for each.
"""

import copy
import json
import sys
from array import array
from types import SimpleNamespace

from starling_client import ed25519, ristretto255
from starling_client.canonical import Malformed
from starling_client.errors import ClientError
from starling_client.history import EMPTY, advance, forget_old_rounds
from starling_client.issuance import coming_slots, whole_epoch
from starling_client.log_leaf import decode_leaf, split_entries
from starling_client.manifest import decode_manifest, encode_manifest, payload_length
from starling_client.messages import HEADER, INFO, ROUND_RECORD
from starling_client.privacy import Lane, has_promised_clip, lane_of, separation_of
from starling_client.schedule import plan_fetches
from starling_client.succession import broken_rule
from starling_client.update import encode_update, is_within_clip

_MESSAGES = {"info": INFO, "record": ROUND_RECORD, "header": HEADER}


def message(case):
    """The bytes that it is written as again, or that it is refused."""
    data = bytes.fromhex(case["hex"])
    try:
        if case["kind"] == "manifest":
            return encode_manifest(decode_manifest(data)).hex()
        if case["kind"] == "tile":
            return [leaf.hex() for leaf in split_entries(data)]
        if case["kind"] == "leaf":
            leaf = decode_leaf(data)
            return "refused" if leaf is None else leaf.kind
        kind = _MESSAGES[case["kind"]]
        return kind.encode(**vars(kind.decode(data))).hex()
    except Malformed:
        return "refused"


def element(case):
    decoded = ristretto255.decode(bytes.fromhex(case))
    return "refused" if decoded is None else ristretto255.encode(decoded).hex()


def signature(case):
    return ed25519.verify(*(bytes.fromhex(case[name]) for name in ("signature", "message", "key")))


def payload(case):
    manifest = SimpleNamespace(encoding=1, top_k=None, scale=case["scale"])
    try:
        after, before, clip = array("f", case["after"]), array("f", case["before"]), case["clipMicros"] / 1e6
        return [encode_update(after, before, manifest, clip).hex(), is_within_clip(after, before, manifest, clip)]
    except ClientError as error:
        return error.code


def batch(case):
    rules = SimpleNamespace(**case["rules"])
    lane = Lane(*case["lane"])
    planner = whole_epoch(rules, case["epoch"], lane) if "epoch" in case else coming_slots(rules, case["wanted"], lane)
    return planner(tuple(case["window"]), [tuple(place) for place in case["covered"]])


def schedule(case):
    manifest = SimpleNamespace(epoch_origin=case["epochOrigin"], epoch_seconds=case["epochSeconds"])
    draws = iter(case["draws"])
    return [[one["epoch"], one["at"], one["done"]] for one in plan_fetches(manifest, case["known"], case["now"], draws.__next__)]


def lane(case):
    manifest = SimpleNamespace(use_case=case["useCase"], strategy=case["strategy"])
    return [separation_of(manifest), separation_of(manifest) and lane_of(manifest, case["device"]).first]


def clip(case):
    manifest, record = SimpleNamespace(strategy=case["strategy"]), ROUND_RECORD.decode(bytes.fromhex(case["record"]))
    try:
        return has_promised_clip(record, manifest)
    except Malformed:
        return "refused"


def succession(case):
    earlier, later = (decode_manifest(bytes.fromhex(case[name])) for name in ("earlier", "later"))
    return broken_rule(earlier, later, case["fetched"], case["current"]) is None and payload_length(later)


def history(case):
    state = copy.deepcopy(EMPTY)
    for position, data in enumerate(case["leaves"]):
        leaf = decode_leaf(bytes.fromhex(data))
        if leaf is not None:
            advance(state, leaf, position, case["useCase"])
    forget_old_rounds(state)
    names = ("record_digest", "epoch", "slot", "use_no", "model_digest", "expected_model", "end")
    rounds = [[one[name] for name in names] for one in state["rounds"]]
    return [state["faults"], state["model"], state["retired_through"], len(state["keys"]), rounds]


_QUESTIONS = (message, element, signature, payload, batch, schedule, lane, clip, succession, history)


def main(path):
    with open(path, encoding="utf8") as file:
        cases = json.load(file)
    answers = {ask.__name__: [ask(case) for case in cases[ask.__name__]] for ask in _QUESTIONS}
    print(json.dumps(answers))


if __name__ == "__main__":
    main(*sys.argv[1:])
