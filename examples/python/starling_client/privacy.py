"""What a manifest promises of privacy that a device acts on: a clip that adapts, and lanes (docs/wire.md, "Privacy").

It is in the manifest's strategy, which is JSON. What another reader of the same bytes would refuse, this one refuses.
"""

import json
import math
from dataclasses import dataclass
from types import SimpleNamespace

from .canonical import MAX_SAFE, Malformed
from .messages import LANE
from .token_keys import sha256

#: the two weights where the clip adapts: a header's level then says whether the update was within it
BIT_LEVELS = [1, 1]
WITHIN_CLIP = 1

#: name: what holds of it
_TERMS = {
    "targetUnclipped": lambda x: 0 < x < 1,
    "learningRate": lambda x: 0 < x <= 2,
    "countNoise": lambda x: 1 <= x <= 1e6,
    "minClip": lambda x: 1e-6 <= x <= 1e6,
    "maxClip": lambda x: 1e-6 <= x <= 1e6,
}


def clipping_of(manifest):
    """The bounds of the clips that rounds may have, in millionths; None where all have the manifest's. Raises Malformed."""
    privacy = _privacy_of(manifest)
    if "clipping" not in privacy:
        return None
    terms = privacy["clipping"]
    is_whole = isinstance(terms, dict) and terms.keys() == _TERMS.keys()
    if not (is_whole and all(_is_number(terms[name]) and holds(terms[name]) for name, holds in _TERMS.items())):
        raise Malformed("a manifest needs clipping terms that can be read")
    return SimpleNamespace(least=_micros(terms["minClip"]), most=_micros(terms["maxClip"]))


def has_promised_clip(record, manifest):
    """A record names a clip if, and only if, the manifest says that it does, and one within the bounds."""
    bounds, clip = clipping_of(manifest), record.more.clip_micros
    if bounds is None or clip is None:
        return bounds is None and clip is None
    return bounds.least <= clip <= bounds.most


def clip_of(record, manifest):
    """What updates of a round are clipped to."""
    clip = record.more.clip_micros
    return (manifest.clip_micros if clip is None else clip) / 1e6


def separation_of(manifest):
    """Slots between two rounds of one device, at least; 0 for what is none, which breaks a rule of manifests."""
    separation = _privacy_of(manifest).get("separation")
    if separation is None:
        return 1
    is_whole = _is_number(separation) and separation == math.floor(separation)
    return int(separation) if is_whole and 1 <= separation <= MAX_SAFE else 0


@dataclass(frozen=True)
class Lane:
    """The slots that a device gets tokens for: every `separation`-th, from `first` on."""

    separation: int = 1
    first: int = 0

    def has(self, slot):
        return slot % self.separation == self.first


EVERY_SLOT = Lane()


def lane_of(manifest, device_id):
    """The issuer gave the id, and knows the lane: no device chooses its own."""
    separation = separation_of(manifest)
    digest = sha256(LANE.encode(use_case=manifest.use_case, device=device_id))
    return Lane(separation, int.from_bytes(digest[:6], "big") % separation)


def _privacy_of(manifest):
    try:
        strategy = json.loads(manifest.strategy, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return {}
    privacy = strategy.get("privacy") if isinstance(strategy, dict) else None
    return privacy if isinstance(privacy, dict) else {}


def _refuse(constant):
    raise ValueError(f"{constant} is no JSON")


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= MAX_SAFE


def _micros(clip):
    return math.floor(clip * 1e6 + 0.5)
