"""Runs vectors of RFC 9497 in their authors' form through the device's half: python3 -m tests.check_vectors FILE"""

import json
import sys

from starling_client import poprf


def check(suite, vector):
    """The first value that differs, or None."""
    lists = {name: [bytes.fromhex(one) for one in vector[name].split(",")] for name in _LISTS}
    info, blinds = bytes.fromhex(vector["Info"]), [int.from_bytes(one, "little") for one in lists["Blind"]]
    tweaked = poprf.tweak_public(bytes.fromhex(suite["pkSm"]), info)
    blinded = [poprf.blind(data, scalar) for data, scalar in zip(lists["Input"], blinds)]
    if blinded != lists["BlindedElement"]:
        return "BlindedElement"
    answer = lists["EvaluationElement"], bytes.fromhex(vector["Proof"]["proof"])
    try:
        outputs = poprf.finalize(lists["Input"], blinds, blinded, answer, (tweaked, info))
    except poprf.InvalidProof:
        return "Proof"
    return None if outputs == lists["Output"] else "Output"


_LISTS = ("Blind", "BlindedElement", "EvaluationElement", "Input", "Output")


def main(path, *flags):
    with open(path, encoding="utf8") as file:
        suites = [one for one in json.load(file) if (one["identifier"], one["mode"]) == ("ristretto255-SHA512", 2)]
    vectors = [(suite, vector) for suite in suites for vector in suite["vectors"]]
    if "--turn-a-bit" in flags:
        vectors[0][1]["Output"] = f"{int(vectors[0][1]['Output'], 16) ^ 1:0128x}"
    wrong = [(vector["Batch"], check(suite, vector)) for suite, vector in vectors]
    for batch, what in wrong:
        if what is not None:
            print(f"ristretto255-SHA512 POPRF, batch {batch}: {what} differs")
    if vectors and all(what is None for _, what in wrong):
        print(f"{len(vectors)} vectors hold")
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
