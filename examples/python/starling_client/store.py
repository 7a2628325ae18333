"""Where a device keeps its key, its tokens and what it used them for: one file a value, for its owner alone."""

import json
import os
import re
import warnings
import weakref

from .errors import ClientError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

_NAME = re.compile(r"[a-z0-9-]{1,64}")

#: stores that have a folder
_taken = weakref.WeakSet()


def _leave_to_parent():
    """A child that is forked holds the lock as well: it would use the folder beside its parent, and keep it after."""
    for store in list(_taken):
        store.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)


class FileStore:
    """A value appears by rename, after its bytes are on the disk: a crash leaves the old one or the new one.

    One program's at a time, from the first call to `close` or to its end: two that took themselves for the same device
    would spend the same tokens.
    """

    def __init__(self, directory):
        self._directory = directory
        self._folder = self._release = None
        self._is_closed = False

    def close(self):
        """Lets another program have the folder. For good: what was read before may be out of date by then."""
        self._is_closed = True
        self._let_go()

    def _let_go(self):
        if self._release is not None:
            self._release()
        self._folder = self._release = None

    def read(self, name):
        path = self._path(name)
        self._take()
        try:
            with open(path, "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def write(self, name, data):
        path = self._path(name)
        self._take()
        draft = f"{path}.draft"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
        self._sync_directory()

    def remove(self, name):
        path = self._path(name)
        self._take()
        for path in (f"{path}.draft", path):
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

    def _take(self):
        """The kernel takes the folder back from whoever ends, also by kill -9."""
        if self._is_closed:
            raise ClientError("store_in_use", f"the store in {self._directory} was closed")
        if self._folder is not None:
            return
        os.makedirs(self._directory, mode=0o700, exist_ok=True)
        if fcntl is None:
            return self._warn()
        folder = os.open(self._directory, os.O_RDONLY)
        self._folder, self._release = folder, weakref.finalize(self, os.close, folder)
        _taken.add(self)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._let_go()
            raise ClientError("store_in_use", f"another program has the store in {self._directory}") from None
        except OSError:
            self._warn()

    def _warn(self):
        warnings.warn(f"nothing keeps another program out of {self._directory}", RuntimeWarning)

    def _path(self, name):
        if not _NAME.fullmatch(name):
            raise ValueError("a name in a store is lower-case letters, digits and dashes")
        return os.path.join(self._directory, name)

    def _sync_directory(self):
        """Without it, the rename itself may not survive a power cut. Windows cannot be asked for it."""
        if self._folder is not None:
            os.fsync(self._folder)
