"""The device's clock. Servers go by the database's; this one need only be right within five minutes."""

import time


class Clock:
    def now(self):
        """unix ms"""
        return int(time.time() * 1000)

    def sleep(self, ms):
        time.sleep(ms / 1000)
