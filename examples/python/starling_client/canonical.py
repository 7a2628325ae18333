"""Canonical bytes (docs/wire.md, "Bytes"): every value has exactly one encoding.

A message is a prefix and a list of fields; a field is a kind with two halves, so that what is written and
what is read cannot come apart. A new field is a new line.
"""

from types import SimpleNamespace

MAX_SAFE = 2**53 - 1


class Malformed(ValueError):
    pass


class Reader:
    def __init__(self, data):
        self._data = bytes(data)
        self._at = 0

    def take(self, width):
        end = self._at + width
        if end > len(self._data):
            raise Malformed(f"message ends at byte {len(self._data)}, expected {end}")
        part = self._data[self._at : end]
        self._at = end
        return part

    @property
    def at_end(self):
        return self._at == len(self._data)

    def end(self):
        if not self.at_end:
            raise Malformed(f"{len(self._data) - self._at} bytes too many")


class Kind:
    """How one field is written and read."""

    def __init__(self, write, read):
        self.write = write
        self.read = read


def uint(width):
    most = min(2 ** (8 * width) - 1, MAX_SAFE)

    def check(value):
        if not isinstance(value, int) or not 0 <= value <= most:
            raise Malformed(f"{value} is not an unsigned integer of {8 * width} bits")
        return value

    return Kind(
        lambda value: check(value).to_bytes(width, "big"),
        lambda reader: check(int.from_bytes(reader.take(width), "big")),
    )


def fixed(width):
    def write(value):
        if len(value) != width:
            raise Malformed(f"expected {width} bytes, got {len(value)}")
        return bytes(value)

    return Kind(write, lambda reader: reader.take(width))


U8, U16, U32, U64 = uint(1), uint(2), uint(4), uint(8)
#: u16 length, then the bytes
LP = Kind(lambda value: U16.write(len(value)) + bytes(value), lambda reader: reader.take(U16.read(reader)))


def ascii_bytes(text):
    """Printable ASCII: one encoding, and no look-alike letters."""
    if not all(0x20 <= ord(char) <= 0x7E for char in text):
        raise Malformed("text is not printable ASCII")
    return text.encode("ascii")


def _read_text(reader):
    text = LP.read(reader).decode("latin-1")
    ascii_bytes(text)
    return text


TEXT = Kind(lambda value: LP.write(ascii_bytes(value)), _read_text)


def listed(count, item):
    """A count, then so many items."""
    return Kind(
        lambda values: count.write(len(values)) + b"".join(item.write(value) for value in values),
        lambda reader: [item.read(reader) for _ in range(count.read(reader))],
    )


def record(**kinds):
    """Fields one after the other; read as an object with their names."""
    return Kind(
        lambda value: b"".join(kind.write(getattr(value, name)) for name, kind in kinds.items()),
        lambda reader: SimpleNamespace(**{name: kind.read(reader) for name, kind in kinds.items()}),
    )


def numbered(**kinds):
    """Fields that only some messages have, at their end: u8(number) before each, ascending. Absent ones are None.

    `kinds` are pairs of a number and a kind, in their order.
    """
    names = {number: (name, kind) for name, (number, kind) in kinds.items()}

    def write(value):
        there = [(number, kind, getattr(value, name)) for number, (name, kind) in names.items()]
        return b"".join(U8.write(number) + kind.write(one) for number, kind, one in there if one is not None)

    def read(reader):
        value, last = SimpleNamespace(**{name: None for name in kinds}), 0
        while not reader.at_end:
            number = U8.read(reader)
            if number <= last or number not in names:
                raise Malformed(f"a field {number} after {last}")
            name, kind = names[number]
            setattr(value, name, kind.read(reader))
            last = number
        return value

    return Kind(write, read)


class Message:
    """A prefix that tells it from every other message, then its fields."""

    def __init__(self, prefix, **kinds):
        self._prefix = prefix.encode("ascii")
        self._fields = record(**kinds)

    def encode(self, **values):
        return self._prefix + self._fields.write(SimpleNamespace(**values))

    def read(self, reader):
        if reader.take(len(self._prefix)) != self._prefix:
            raise Malformed(f"not a {self._prefix.decode('ascii')}")
        return self._fields.read(reader)

    def decode(self, data):
        """Exactly one message and nothing after it."""
        reader = Reader(data)
        value = self.read(reader)
        reader.end()
        return value
