"""Where a device keeps its key, its tokens and what it used them for: one file a value, for its owner alone."""

import json
import os
import re

from .errors import ClientError

_NAME = re.compile(r"[a-z0-9-]{1,64}")


class FileStore:
    """A value appears by rename, after its bytes are on the disk: a crash leaves the old one or the new one."""

    def __init__(self, directory):
        self._directory = directory

    def read(self, name):
        try:
            with open(self._path(name), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def write(self, name, data):
        os.makedirs(self._directory, mode=0o700, exist_ok=True)
        path = self._path(name)
        draft = f"{path}.draft"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
        self._sync_directory()

    def remove(self, name):
        for path in (f"{self._path(name)}.draft", self._path(name)):
            if os.path.exists(path):
                os.remove(path)

    def read_json(self, name):
        data = self.read(name)
        if data is None:
            return None
        try:
            return json.loads(data)
        except ValueError:
            # no cause: it would quote secrets
            raise ClientError("damaged_store", f"what the store holds as {name} cannot be read") from None

    def write_json(self, name, value):
        self.write(name, json.dumps(value).encode())

    def _path(self, name):
        if not _NAME.fullmatch(name):
            raise ValueError("a name in a store is lower-case letters, digits and dashes")
        return os.path.join(self._directory, name)

    def _sync_directory(self):
        """Without it, the rename itself may not survive a power cut."""
        descriptor = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
