"""Stores keys behind a prefix through a Python client, or reads those that memring has stored.

    prefix_python.py CLIENT write|check PREFIX KEYS PORT...

CLIENT is pylibmc, pylibmc-hashed (which hashes the prefix), pymemcache or python-memcached. The
keys are key0, key1 ...; written are "theirs 0", "theirs 1" ..., read "ours 0", "ours 1" ...

Ends with 0 if all is well, 1 with a line for each difference, 3 if the client is not installed.
"""

import sys


class Pylibmc:
    package = "python3-pylibmc"
    behaviors = {}

    def __init__(self, prefix, ports):
        import pylibmc

        # A namespace of type str is taken for bytes that it does not have (1.6.3).
        behaviors = dict(self.behaviors, ketama=True, namespace=prefix.encode())
        servers = ["127.0.0.1:%d" % port for port in ports]
        self.client = pylibmc.Client(servers, behaviors=behaviors)

    def write(self, values):
        one_by_one = list(values)[::2]
        bad = [key for key in one_by_one if not self.client.set(key, values[key])]
        return bad + self.client.set_multi({k: v for k, v in values.items() if k not in one_by_one})

    def read(self, keys):
        found = self.client.get_multi(keys[1::2])
        found.update((key, self.client.get(key)) for key in keys[::2])
        return found


class HashedPylibmc(Pylibmc):
    behaviors = {"_hash_with_prefix_key": True}


class Pymemcache:
    package = "python3-pymemcache"

    def __init__(self, prefix, ports):
        from pymemcache.client.hash import HashClient

        servers = [("127.0.0.1", port) for port in ports]
        self.client = HashClient(servers, key_prefix=prefix.encode())

    def write(self, values):
        one_by_one = list(values)[::2]
        bad = [key for key in one_by_one if not self.client.set(key, values[key], noreply=False)]
        rest = {k: v for k, v in values.items() if k not in one_by_one}
        return bad + self.client.set_many(rest, noreply=False)

    def read(self, keys):
        found = dict(self.client.get_many(keys[1::2]))
        found.update((key, self.client.get(key)) for key in keys[::2])
        return found


class PythonMemcached:
    package = "python3-memcache"

    def __init__(self, prefix, ports):
        import memcache

        self.client = memcache.Client(["127.0.0.1:%d" % port for port in ports])
        self.prefix = prefix

    def write(self, values):
        return self.client.set_multi(values, key_prefix=self.prefix)

    def read(self, keys):
        return self.client.get_multi(keys, key_prefix=self.prefix)


CLIENTS = {
    "pylibmc": Pylibmc,
    "pylibmc-hashed": HashedPylibmc,
    "pymemcache": Pymemcache,
    "python-memcached": PythonMemcached,
}


def main():
    name, action, prefix, count = sys.argv[1:5]
    made = CLIENTS[name]
    try:
        client = made(prefix, [int(port) for port in sys.argv[5:]])
    except ImportError as error:
        print("%s; install Debian's package %s" % (error, made.package))
        return 3
    keys = ["key%d" % i for i in range(int(count))]
    if action == "write":
        bad = client.write({key: "theirs %d" % i for i, key in enumerate(keys)})
        for key in bad:
            print("not stored: %s" % key)
        return 1 if bad else 0
    found = client.read(keys)
    bad = 0
    for i, key in enumerate(keys):
        got = found.get(key)
        text = got.decode() if isinstance(got, bytes) else got
        if text != "ours %d" % i:
            print("%s: %r" % (key, got))
            bad += 1
    return 1 if bad else 0


sys.exit(main())
