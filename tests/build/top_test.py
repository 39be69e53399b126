"""python3 top_test.py <memring> <work folder>: `memring top` against real memcached processes, one
of which dies, on a terminal and off it."""

import fcntl
import json
import os
import pty
import re
import select
import socket
import struct
import subprocess
import sys
import termios
import threading
import time

tool, work = sys.argv[1:]
memcached = os.environ.get("MEMRING_MEMCACHED", "memcached")
patience = 20  # seconds for anything that takes milliseconds
failures = []


def check(is_true, what, *seen):
    if not is_true:
        failures.append(what)
        print("FAILED:", what, *(repr(one)[-2000:] for one in seen), sep="\n  ")


class Server:
    """A memcached on a port of its choice."""

    def __init__(self, name):
        port_file = os.path.join(work, name + ".port")
        if os.path.exists(port_file):
            os.remove(port_file)
        command = [memcached, "-l", "127.0.0.1", "-p", "-1", "-U", "0", "-t", "1"]
        if os.getuid() == 0:
            command += ["-u", "root"]
        self.process = subprocess.Popen(
            command, env=dict(os.environ, MEMCACHED_PORT_FILENAME=port_file))
        end = time.monotonic() + patience
        while True:
            try:
                with open(port_file) as file:
                    self.port = int(re.search(r"TCP INET: (\d+)", file.read()).group(1))
                with self.connect():
                    break
            except (OSError, AttributeError):
                if time.monotonic() > end:
                    raise
        self.name = f"127.0.0.1:{self.port}"

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), patience)

    def ask(self, request, end):
        with self.connect() as stream:
            stream.sendall(request)
            answer = b""
            while not answer.endswith(end):
                answer += stream.recv(4096)

    def stop(self):
        self.process.kill()
        self.process.wait()


class Endpoint:
    """A configuration endpoint, which tells who is in the cluster."""

    def __init__(self, servers):
        self.servers = servers
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.name = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        nodes = " ".join(f"127.0.0.1|127.0.0.1|{server.port}" for server in self.servers)
        body = f"1\n{nodes}\n"
        answer = f"CONFIG cluster 0 {len(body)}\r\n{body}\r\nEND\r\n".encode()
        while True:
            stream, _ = self.listener.accept()
            with stream:
                while stream.recv(4096):
                    stream.sendall(answer)


def top(*arguments, **environment):
    return subprocess.run([tool, "top", *arguments], capture_output=True, text=True, timeout=60,
                          env=dict(os.environ, **environment))


def row_of(table, name):
    for line in table.splitlines():
        if line.startswith(name + " "):
            return line.split()
    check(False, "no row of " + name, table)
    return []


class Terminal:
    """`memring top` on a terminal of its own."""

    def __init__(self, columns, lines, *arguments, **environment):
        self.shown = ""
        pid, self.master = pty.fork()
        if pid == 0:
            os.environ.update(environment, TERM="xterm")
            os.execv(tool, [tool, "top", *arguments])
        self.pid = pid
        self.resize(columns, lines)

    def resize(self, columns, lines):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def read_until(self, is_enough):
        end = time.monotonic() + patience
        while not is_enough(self.shown):
            ready, _, _ = select.select([self.master], [], [], max(0, end - time.monotonic()))
            if not ready:
                check(False, "the terminal waits in vain", self.shown)
                return
            try:
                part = os.read(self.master, 65536)
            except OSError:  # its program has ended
                part = b""
            if not part:
                return
            self.shown += part.decode()

    def type(self, text):
        os.write(self.master, text.encode())

    def end(self):
        self.read_until(lambda shown: False)
        _, status = os.waitpid(self.pid, 0)
        os.close(self.master)
        return os.waitstatus_to_exitcode(status)


def frames(shown):
    return shown.split("\x1b[H")[1:]


def lines_of(frame):
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", frame.split("\x1b[J")[0])
    return text.split("\r\n")


def test_one_table(first, second):
    first.ask(b"".join(b"set k%d 0 0 1\r\nx\r\n" % i for i in range(42)), b"STORED\r\n" * 42)
    dead = "127.0.0.1:1"
    run = top("--servers", f"{first.name},{second.name},{dead}", "--once", "--interval", "0.2")
    check(run.returncode == 0 and run.stderr == "", "one table", run)
    lines = run.stdout.splitlines()
    check(len(lines) == 5 and lines[0].startswith("NODE "), "header, three rows, total", lines)
    check([line.split()[0] for line in lines[1:]] == [first.name, second.name, dead, "total"],
          "rows in the order of the list", lines)
    titles = re.split(r"  +", lines[0].strip())
    row = dict(zip(titles, row_of(run.stdout, first.name)))
    check(row["ITEMS"] == "42" and row["LIMIT"] == "64.0M" and row["GET/s"] == "0" and
          row["HIT %"] == "-" and row["EVICTED"] == "0", "a quiet server's row", row)
    check("Connection refused" in lines[3], "the row of a dead server says why", lines)
    check(row_of(run.stdout, "total")[1] == "42", "items in total", run.stdout)
    check("\x1b" not in run.stdout, "no codes of a terminal in a file")
    sorted_run = top("--servers", f"{second.name},{first.name}", "--sort", "items", "--interval",
                     "0.1")
    check([line.split()[0] for line in sorted_run.stdout.splitlines()] ==
          ["NODE", first.name, second.name, "total"], "sorted by items", sorted_run)


def test_discovery(first, second):
    endpoint = Endpoint([second, first])
    run = top("--config", endpoint.name, "--once", "--interval", "0.1")
    check([line.split()[0] for line in run.stdout.splitlines()] ==
          ["NODE", second.name, first.name, "total"], "the servers that an endpoint tells", run)


def test_rates(first, second):
    is_over = threading.Event()

    def load():
        with first.connect() as stream:
            while not is_over.is_set():
                stream.sendall(b"get k1\r\nget absent\r\nset k1 0 0 1\r\nx\r\n")
                answer = b""
                while not answer.endswith(b"END\r\nSTORED\r\n"):
                    answer += stream.recv(4096)

    thread = threading.Thread(target=load)
    thread.start()
    run = top("--servers", f"{first.name},{second.name}", "--json", "--count", "2", "--interval",
              "0.3")
    is_over.set()
    thread.join()
    check(run.returncode == 0, "JSON", run)
    objects = [json.loads(line) for line in run.stdout.splitlines()]
    check(len(objects) == 2, "a line for each table", run.stdout)
    busy, quiet = objects[-1]["nodes"]
    check(busy["gets_per_second"] > 100 and quiet["gets_per_second"] == 0, "gets a second", objects)
    ratio = busy["gets_per_second"] / busy["sets_per_second"]
    check(1.9 < ratio < 2.1, "two gets for each set", ratio)
    check(0.49 < busy["hit_share"] < 0.51 and quiet["hit_share"] is None, "hit share", objects)
    check(objects[-1]["total"]["gets_per_second"] == busy["gets_per_second"], "total", objects)


def test_refusals():
    for arguments, sentence in [
            ([], "want the cluster's servers, by either --servers or --config"),
            (["--servers", "a:0"], 'server 1 of --servers: "a:0" is no server'),
            (["--servers", "a", "--config", "b"], "--servers excludes --config"),
            (["--config", "a,b"], "--config: want one endpoint"),
            (["--servers", "a", "--interval", "0"], '"0" is no number of seconds from 0.1 to 3600'),
            (["--servers", "a", "--interval", "1s"], '"1s" is no number of seconds'),
            (["--servers", "a", "--interval", "nan"], '"nan" is no number of seconds'),
            (["--servers", "a", "--count", "0"], "--count: want at least one table"),
            (["--servers", "a", "--count", "-1"], '"-1" is no number'),
            (["--servers", "a", "--once", "--count", "2"], "--count excludes --once"),
            (["--servers", "a", "--sort", "size"], '--sort: unknown column "size"; known: node, '),
    ]:
        run = top(*arguments)
        check(run.returncode == 2 and run.stdout == "" and sentence in run.stderr and
              run.stderr.count("\n") == 1, "refusal of " + " ".join(arguments), run)
    nobody = top("--servers", "127.0.0.1:1", "--once", "--interval", "0.1")
    check(nobody.returncode == 1 and "Connection refused" in nobody.stdout, "nobody answers",
          nobody)
    no_config = top("--config", "127.0.0.1:1", "--once", "--interval", "0.1")
    check(no_config.returncode == 1 and "no cluster configuration from" in no_config.stderr,
          "nobody tells the servers", no_config)


def test_terminal(first, second):
    servers = ["--servers", f"{first.name},{second.name}"]
    window = Terminal(80, 24, *servers, "--interval", "0.1")
    window.read_until(lambda shown: len(frames(shown)) > 3)
    check(window.shown.startswith("\x1b[?1049h\x1b[?25l"), "its own screen, no cursor",
          window.shown)
    check("\x1b[1m" in window.shown, "colours on a terminal")
    window.resize(40, 5)
    window.read_until(lambda shown: shown.count("2 more") > 1)
    for line in lines_of(frames(window.shown)[-2]):
        check(len(line) <= 40, "fits 40 columns", line)
    window.resize(120, 24)
    second.stop()
    window.read_until(lambda shown: "1 not answering" in shown.split("\x1b[H")[-2])
    check("Connection refused" in window.shown, "a server that dies while it is shown")
    window.type("\x03")
    status = window.end()
    check(status == 0, "Ctrl-C is the way out", status)
    rest = window.shown[window.shown.rfind("\x1b[J") + 3:]
    check(rest.find("\x1b[?25h\x1b[?1049l") >= 0, "the screen is put back", rest)
    check("total" in rest and rest.endswith("\r\n"), "the last table stays", rest)

    window = Terminal(80, 24, *servers, "--interval", "0.1", "--count", "2", NO_COLOR="1")
    status = window.end()
    check(status == 0, "ends by itself", status)
    check(not re.search(r"\x1b\[[0-9;]*m", window.shown), "NO_COLOR", window.shown)


def main():
    os.makedirs(work, exist_ok=True)
    servers = []
    try:
        servers = [Server("first")]
        servers.append(Server("second"))
        test_one_table(*servers)
        test_discovery(*servers)
        test_rates(*servers)
        test_refusals()
        test_terminal(*servers)
    finally:
        for server in servers:
            server.stop()
    sys.exit(1 if failures else 0)


main()
