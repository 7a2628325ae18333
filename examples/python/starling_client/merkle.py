"""RFC 9162's Merkle tree, as much of it as somebody needs who reads every leaf."""

from .token_keys import sha256


class Frontier:
    """The roots of a tree's complete subtrees, largest first: enough to go on appending to it."""

    def __init__(self, size=0, hashes=()):
        if len(hashes) != bin(size).count("1"):
            raise ValueError(f"{len(hashes)} hashes do not make a tree of {size} leaves")
        self.size = size
        self.hashes = list(hashes)

    def append(self, leaf):
        node = sha256(b"\x00" + leaf)
        index = self.size
        while index % 2 == 1:
            node = sha256(b"\x01" + self.hashes.pop() + node)
            index //= 2
        self.hashes.append(node)
        self.size += 1

    def root(self):
        if not self.hashes:
            return sha256(b"")
        right = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            right = sha256(b"\x01" + left + right)
        return right
