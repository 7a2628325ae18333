"""Whether a later manifest may take an earlier one's place (KEY5): it may announce keys and make the crowd larger."""

from .manifest import key_at

_FIXED = (
    *("audience", "use_case", "suite", "log_key", "epoch_origin", "epoch_seconds", "slots", "batch", "quota"),
    *("reuse", "encoding", "top_k", "scale", "clip_micros", "strategy", "weight_levels", "chunk_bytes"),
    *("upload_deadline_ms", "initial_model", "topology_digest", "layout"),
)


def broken_rule(earlier, later, fetched, current):
    """The rule that the later one breaks, or None.

    `fetched` is the latest epoch that tokens were fetched for, `current` the epoch now.
    """
    oldest = later.keys[0].first_epoch
    rules = [
        (later.version > earlier.version, "has no later version"),
        *((getattr(later, name) == getattr(earlier, name), f"changes {name}") for name in _FIXED),
        (later.k_min >= earlier.k_min, "would do with a smaller crowd"),
        (later.jitter_ms >= earlier.jitter_ms, "spreads submissions less"),
        (oldest <= max(current, earlier.keys[0].first_epoch), "leaves out a key in use"),
        (_keeps_keys(earlier, later, fetched), "changes the key of an epoch"),
    ]
    return next((sentence for holds, sentence in rules if not holds), None)


def _keeps_keys(earlier, later, fetched):
    """The same key for every epoch that tokens were fetched for, and for every one that an announced key begins with."""
    last = max(fetched, earlier.keys[-1].first_epoch)
    begun = [key.first_epoch for key in (*earlier.keys, *later.keys)]
    epochs = [epoch for epoch in (*begun, last) if later.keys[0].first_epoch <= epoch <= last]
    return all(key_at(earlier, epoch) is not None and key_at(earlier, epoch) == key_at(later, epoch) for epoch in epochs)
