"""Everything that can go wrong on a device. The codes are those of libs/client/src/errors.ts."""


class ClientError(Exception):
    """A device cannot go on. Messages carry ids and sizes, never token, key or update bytes."""

    def __init__(self, code, message, refusal=None):
        super().__init__(message)
        self.code = code
        #: what a server said no with: {"code", "message", "retryAfterMs"?}
        self.refusal = refusal

    def __str__(self):
        return f"{self.code}: {self.args[0]}"

    @property
    def refused_with(self):
        return self.refusal and self.refusal["code"]


def require(code, rules, what):
    """Raises for the first rule that does not hold. `rules` are pairs of a truth and a sentence."""
    for holds, sentence in rules:
        if not holds:
            raise ClientError(code, f"{what} {sentence}")
