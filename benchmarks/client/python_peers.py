#!/usr/bin/env python3
"""pylibmc and pymemcache at the work of the client's benchmark, which starts this script.

    python_peers.py VALUE_SIZE KEYS PORT...

Prints which of the two there are, then reads lines `PEER OPERATION SECONDS` and answers each with
`OPERATIONS WALL_SECONDS PROCESSOR_SECONDS`. A miss or an error ends the script.
"""

import sys
import time


def pylibmc_client(ports):
    import pylibmc

    behaviors = {"ketama_weighted": True, "tcp_nodelay": True}
    client = pylibmc.Client([f"127.0.0.1:{port}" for port in ports], behaviors=behaviors)
    return client, client.get_multi, client.set_multi


def pymemcache_client(ports):
    from pymemcache.client.hash import HashClient

    client = HashClient([("127.0.0.1", port) for port in ports], no_delay=True)
    return client, client.get_many, lambda pairs: client.set_many(pairs, noreply=False)


def version_of(name):
    try:
        return __import__(name).__version__
    except ImportError:
        return "-"


class Work:
    """One client, and each operation as a function that says how many keys it has done."""

    def __init__(self, made, keys, value):
        self.client, self.get_many_call, self.set_many_call = made
        self.keys = keys
        self.value = value
        self.pairs = {key: value for key in keys}
        self.next = 0
        self.set_many()

    def get_many(self):
        found = self.get_many_call(self.keys)
        assert len(found) == len(self.keys), "a get missed"
        return len(self.keys)

    def set_many(self):
        assert not self.set_many_call(self.pairs), "a set was not stored"
        return len(self.keys)

    def get(self):
        assert self.client.get(self.turn()) is not None, "a get missed"
        return 1

    def set(self):
        assert self.client.set(self.turn(), self.value), "a set was not stored"
        return 1

    def turn(self):
        key = self.keys[self.next]
        self.next = (self.next + 1) % len(self.keys)
        return key


def measure(step, seconds):
    count = 0
    start = time.perf_counter()
    processor_start = time.process_time()
    while True:
        count += step()
        now = time.perf_counter()
        if now - start >= seconds:
            return count, now - start, time.process_time() - processor_start


def main():
    value = b"v" * int(sys.argv[1])
    keys = [f"bench:py_{10_000_000 + i}" for i in range(int(sys.argv[2]))]
    ports = [int(port) for port in sys.argv[3:]]
    makers = {"pylibmc": pylibmc_client, "pymemcache": pymemcache_client}
    versions = {name: version_of(name) for name in makers}
    print(*(f"{name}={version}" for name, version in versions.items()), flush=True)
    work = {
        name: Work(make(ports), keys, value)
        for name, make in makers.items()
        if versions[name] != "-"
    }
    for line in sys.stdin:
        peer, operation, seconds = line.split()
        print(*measure(getattr(work[peer], operation), float(seconds)), flush=True)


if __name__ == "__main__":
    main()
