#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The commands of sessions on the admin socket: wrong arguments are answered
# by errors, two lines at a time come one after another, and a session ends
# with its connection.
# timeout: 200
set -u
cd "$AKT_TEST_TMP" || exit 1
export AKTVM_RUNTIME_DIR=$AKT_TEST_TMP/run
mkdir -m 700 run
echo 'require("akt").sleep(1000)' >node.lua
"$AKTVM" --name n node.lua &
node=$!
trap 'kill $node 2>/dev/null; wait $node' EXIT
until ls run/*.sock >/dev/null 2>&1; do
    kill -0 $node || exit 1
    sleep 0.05
done

python3 - run/*.sock <<'P'
import json
import socket
import sys


class Client:
    def __init__(self):
        self.s = socket.socket(socket.AF_UNIX)
        self.s.connect(sys.argv[1])
        self.f = self.s.makefile("r")

    def send(self, number, cmd, **args):
        line = {"v": 1, "id": number, "cmd": cmd, "args": args}
        self.s.sendall((json.dumps(line) + "\n").encode())

    def call(self, cmd, **args):
        self.send(9, cmd, **args)
        return json.loads(self.f.readline())

    def open(self):
        return self.call("session_open")["more"]["session"]


def check(is_so, *what):
    if not is_so:
        sys.exit("wrong: %r" % (what,))


def code(answer):
    return answer.get("error", {}).get("code")


c = Client()
s = c.open()
check(code(c.call("eval")) == "bad_argument")
check(code(c.call("eval", session="x", code="1")) == "bad_argument")
check(code(c.call("eval", session=1, code="1")) == "noproc")
check(code(c.call("eval", session=s ^ 1, code="1")) == "noproc")
check(code(c.call("eval", session=s, code=5)) == "bad_argument")
check(code(c.call("eval", session=s)) == "bad_argument")
check(code(c.call("eval", session=s, code="x" * 140000)) == "bad_argument")
for ms in (-1, 0, "x", 1 << 62):
    a = c.call("eval", session=s, code="1", timeout_ms=ms)
    check(code(a) == "bad_argument", ms, a)
check(code(c.call("complete", session=s)) == "bad_argument")
check(code(c.call("interrupt", session=-1)) == "noproc")
check(c.call("interrupt", session=s)["result"] == {})

a = c.call("eval", session=s, code="return '\xe4\\0\\255'")["result"]
check(a["status"] == "ok" and a["result"] == '"\xe4\\0\\xff"' or
      a["result"].startswith('"'), a)
check(c.call("eval", session=s, code="if")["result"]["status"] == "more")
check(c.call("eval", session=s, code="\x1bLua")["result"]["status"] == "error")
a = c.call("complete", session=s, text="x = akt.sleep + string.form")["result"]
check(a == {"word": "4", "names": "format"}, a)
for text in ("", ".", ":", "a..", "a.b.c.d", '"', "akt.send('", "(" * 1000):
    check("result" in c.call("complete", session=s, text=text), text)

# a second line waits for the first one, which is interrupted
c.send(1, "eval", session=s, code="n = 1 while true do end", timeout_ms=100000)
c.send(2, "eval", session=s, code="n")
c.send(3, "interrupt", session=s)
got = {}
while len(got) < 3:
    answer = json.loads(c.f.readline())
    got[answer["id"]] = answer["result"]
    if answer["id"] == 3 and 1 not in got: # it may have come too early
        c.send(3, "interrupt", session=s)
        del got[3]
check(got[1]["result"].startswith("error[interrupted]"), got)
check(got[2]["result"] == "1", got)

# it ends with its connection, in the middle of a line too
c.send(1, "eval", session=s, code="while true do end", timeout_ms=100000)
c.s.shutdown(socket.SHUT_RDWR)
c.s.close()
d = Client()
mine = d.open()
while code(d.call("eval", session=s, code="1")) != "noproc":
    pass
check(d.call("eval", session=mine, code="1 + 1")["result"]["result"] == "2")
P
