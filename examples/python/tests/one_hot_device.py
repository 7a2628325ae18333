"""A device that adds one value at one coordinate: for tests that look for it in a round's sum."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from starling_client.command_line import parser, run


def main():
    options = parser(__doc__)
    options.add_argument("--coordinate", type=int, required=True)
    options.add_argument("--value", type=float, required=True)
    chosen = options.parse_args()

    def train(parameters, _):
        parameters[chosen.coordinate] += chosen.value
        return parameters

    return run(chosen, train)


if __name__ == "__main__":
    sys.exit(main())
