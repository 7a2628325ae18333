"""When a device fetches the tokens of an epoch: drawn once, kept in its wallet (docs/wire.md, "When to fetch").

An appointment is {epoch, at, done}, `at` in unix ms by the device's clock.
"""

import math

from .backoff import uniform
from .manifest import epoch_at

#: share of an epoch before its end in which nothing is fetched: a device that fails has time for another draw
MARGIN = 0.1
#: share of an epoch after which a moment was missed; less than that is not worth a draw
MISSED = 0.01


def plan_fetches(manifest, known, now, draw=uniform):
    """At most one appointment for this epoch and one for the next.

    A device that is on when an epoch begins draws from all of it but the margin; one that comes late draws from what is
    left, and never makes up for a moment at once: what brought it back may have been a round.
    """
    length, current = 1000 * manifest.epoch_seconds, epoch_at(manifest, now)
    left = manifest.epoch_origin + (current + 1 - MARGIN) * length - now
    plan = []
    for epoch in (current, current + 1):
        before = next((one for one in known if one["epoch"] == epoch), None)
        if before is not None and (before["done"] or now <= before["at"] + MISSED * length):
            plan.append(before)
        elif left > MISSED * length:
            plan.append({"epoch": epoch, "at": math.floor(now + draw() * left), "done": False})
    return plan
