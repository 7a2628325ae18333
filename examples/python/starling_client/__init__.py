"""A Starling device in Python: the standard library, and nothing else.

`device.py` is the way in; each module beside it tells one story of docs/wire.md.
"""
