"""Stores values through a Python client, or compares what memring stored with what it reads.

    python_peer.py pylibmc|python-memcached|pymemcache PORT write|check

Ends with 0 if all is well, 1 with a line for each difference, 3 if the client is not installed.
"""

import math
import sys


def long_text(size, letters):
    # The same text as in foreign_clients_io_test.cpp.
    state = 1
    out = bytearray()
    while len(out) < size:
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        out.append(97 + (state >> 16) % letters)
    return out.decode()


VALUES = {
    "text": "Grüße, 世界 😀",
    "empty_text": "",
    "bytes": b"\x00\xff\r\nEND\r\n",
    "empty_bytes": b"",
    "answer": 42,
    "negative": -7,
    "zero": 0,
    "int64_max": 2**63 - 1,
    "int64_min": -(2**63),
    "uint64_max": 2**64 - 1,
    "float": 3.25,
    "tenth": 0.1,
    "huge": 1e300,
    "tiny": 5e-324,
    "inf": math.inf,
    "minus_inf": -math.inf,
    "nan": math.nan,
    "true": True,
    "false": False,
    "none": None,
    "long_text": long_text(20000, 4),
    "long_bytes": long_text(20000, 4).encode(),
}

# What memring does not write, and reports when it reads.
OBJECTS = {
    "list": [1, "two", 3.0],
    "long_list": list(range(5000)),
    "big": 2**70,
    "minus_big": -(2**70),
}


class Pylibmc:
    package = "python3-pylibmc"

    def __init__(self, port):
        import pylibmc

        self.client = pylibmc.Client(["127.0.0.1:%d" % port])

    def write(self, key, value):
        return self.client.set(key, value, min_compress_len=1000)

    def read(self, key):
        return self.client.get(key)

    def expected(self, value):
        # This client itself reads its True as 1.
        return int(value) if isinstance(value, bool) else value


class PythonMemcached:
    package = "python3-memcache"

    def __init__(self, port):
        import memcache

        self.client = memcache.Client(["127.0.0.1:%d" % port])

    def write(self, key, value):
        return self.client.set(key, value, min_compress_len=1000)

    def read(self, key):
        return self.client.get(key)

    def expected(self, value):
        return value


class Pymemcache:
    package = "python3-pymemcache"

    def __init__(self, port):
        from pymemcache import serde
        from pymemcache.client.base import Client

        # Since 4.0 there is one that compresses.
        chosen = getattr(serde, "compressed_serde", serde.pickle_serde)
        self.client = Client(("127.0.0.1", port), serde=chosen)

    def write(self, key, value):
        return self.client.set(key, value, noreply=False)

    def read(self, key):
        return self.client.get(key)

    def expected(self, value):
        return value


def is_same(got, expected):
    if type(got) is not type(expected):
        return False
    if isinstance(got, float) and math.isnan(expected):
        return math.isnan(got)
    return got == expected


def write(client):
    bad = 0
    for name, value in {**VALUES, **OBJECTS}.items():
        if not client.write("peer:" + name, value):
            print("not stored:", name)
            bad += 1
    return bad


def check(client):
    bad = 0
    for name, value in VALUES.items():
        for prefix in ("plain:", "zipped:"):
            try:
                got = client.read(prefix + name)
            except Exception as error:  # whatever the client makes of bytes it does not take
                got = error
            if not is_same(got, client.expected(value)):
                print("%s%s: %.100r instead of %.100r" % (prefix, name, got, value))
                bad += 1
    return bad


def main():
    clients = {"pylibmc": Pylibmc, "python-memcached": PythonMemcached, "pymemcache": Pymemcache}
    made = clients[sys.argv[1]]
    try:
        client = made(int(sys.argv[2]))
    except ImportError as error:
        print("%s; install Debian's package %s" % (error, made.package))
        return 3
    bad = write(client) if sys.argv[3] == "write" else check(client)
    return 1 if bad else 0


sys.exit(main())
