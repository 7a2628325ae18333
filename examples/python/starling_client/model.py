"""The model that a round starts from: a safetensors file of float32, named by its SHA-256 (docs/wire.md, "Models")."""

import json
import math
import sys
from array import array

from .errors import ClientError
from .manifest import parameter_count
from .token_keys import sha256

MAX_HEADER_BYTES = 2**20


def fetch_model(coordinator, digest, manifest):
    """The parameters in layout order, float32. Everybody trains on the same model, or nobody does: `wrong_model`."""
    most = 4 * parameter_count(manifest) + MAX_HEADER_BYTES + 8
    data = coordinator.bytes(f"/v1/models/{digest.hex()}", most)
    if sha256(data) != digest:
        raise ClientError("wrong_model", "the model is not the one the round record names")
    return read_model(data, manifest.layout)


def read_model(data, layout):
    """u64 header length, little-endian; a JSON header; then the numbers, without a gap, in the manifest's layout."""
    try:
        length = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + length])
        header.pop("__metadata__", None)
        if header != _header_of(layout):
            raise ValueError("another layout")
    except (ValueError, AttributeError):
        raise ClientError("wrong_model", "the model does not have the manifest's layout") from None
    parameters = array("f")
    if len(data) != 8 + length + 4 * sum(math.prod(entry.shape) for entry in layout):
        raise ClientError("wrong_model", "the model is longer or shorter than its layout")
    parameters.frombytes(data[8 + length :])
    if sys.byteorder == "big":
        parameters.byteswap()
    return parameters


def _header_of(layout):
    header, start = {}, 0
    for entry in layout:
        end = start + 4 * math.prod(entry.shape)
        header[entry.name] = {"dtype": "F32", "shape": entry.shape, "data_offsets": [start, end]}
        start = end
    return header
