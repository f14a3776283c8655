#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Feeds tests/history.py histories that break each promise, and one that does not."""
import os
import subprocess
import sys
import tempfile

ROOT = os.environ["AKT_ROOT"]

# n1.1 sends to n2.sink; message 3 is refused, ask 4 answered, 5 not; one session
# ends, by which 6 is lost, and the next begins with 7.
GOOD = {
    "n1.1": """monitor 1 n2.sink
send n2.sink 1
send n2.sink 2
send n2.sink 3
fail n2.sink 3 overloaded
ask n2.sink 4
answer n2.sink 4 ok
ask n2.sink 5
answer n2.sink 5 timeout
send n2.sink 6
down 1 noconnection 12.5
monitor 2 n2.sink
send n2.sink 7
unmonitor 2
end
""",
    "n2.sink": """monitor 1 n1.1
recv n1.1 1
recv n1.1 2
asked n1.1 4
down 1 noconnection 13.5
recv n1.1 7
monitor 2 n1.1
down 2 normal 14.5
end
""",
    "n1.main": "link n2 2 1 5 0 0\nend\n",
    "n2.main": "link n1 2 0 0 5 0\nend\n",
}

# words of the complaint, log, what is replaced in it, by what, options
BAD = [
    ("order: 2 comes after 2", "n2.sink", "recv n1.1 2", "recv n1.1 2\n" * 2),
    ("order: 1 comes after 2", "n2.sink", "recv n1.1 1\nrecv n1.1 2",
     "recv n1.1 2\nrecv n1.1 1"),
    ("gap: 2 comes after 0", "n2.sink", "recv n1.1 1\n", ""),
    ("gap: 4 comes after 1", "n2.sink", "recv n1.1 2\n", ""),
    ("gap: 7 comes after 4", "n2.sink", "down 1 noconnection", "down 1 killed"),
    ("failed: 3 has come", "n2.sink", "asked n1.1 4",
     "recv n1.1 3\nasked n1.1 4"),
    ("9 has come and was never sent", "n2.sink", "recv n1.1 7",
     "recv n1.1 7\nrecv n1.1 9"),
    ("was sent and came as asked", "n2.sink", "recv n1.1 2", "asked n1.1 2"),
    ("is not what was sent", "n2.sink", "recv n1.1 2",
     "recv n1.1 2\nbad n1.1 2"),
    ("has fired 2 times", "n2.sink", "down 2 normal 14.5\n",
     "down 2 normal 14.5\n" * 2),
    ("monitor 2 on n1.1 has not fired", "n2.sink", "down 2 normal 14.5\n", ""),
    ("was taken back", "n1.1", "unmonitor 2", "unmonitor 2\ndown 2 normal 15"),
    ("never made", "n1.1", "unmonitor 2", "unmonitor 2\ndown 7 normal 15"),
    ("has no outcome", "n1.1", "answer n2.sink 5 timeout\n", ""),
    ("was 'ok', and is 'unknown'", "n1.1", "answer n2.sink 4 ok\n",
     "answer n2.sink 4 ok\nanswer n2.sink 4 timeout\n"),
    ("4 was answered and never came", "n2.sink", "asked n1.1 4\n", ""),
    ("the answer of another one", "n1.1", "answer n2.sink 4 ok",
     "answer n2.sink 4 wrong"),
    ("nobody asked for: reply", "n1.1", "unmonitor 2", "stray reply\nunmonitor 2"),
    ("lost: 1 from n1 to n2 have not come, counted are 0", "n1.main",
     "link n2 2 1", "link n2 2 0"),
    ("says nothing of its link", "n1.main", "link n2 2 1 5 0 0\n", ""),
    ("end: its log has none", "n2.sink", "\nend", ""),
    ("makes no sense", "n2.sink", "recv n1.1 2\n", "recv n1.1 two\n"),
    ("makes no sense", "n2.sink", "\nend\n", "\nend\nrec"),
    ("out of turn", "n1.1", "send n2.sink 2\n", ""),
    ("which has no log", "n1.1", "send n2.sink 7", "send n2.sink 7\nsend x.y 1"),
    ("session has ended: 2 down noconnection", "n1.1", "", "", "whole"),
    ("n2.sink has heard nothing", "n2.sink", "down 1 noconnection",
     "down 1 normal", "noticed"),
]


def run(logs, options):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in logs.items():
            with open(os.path.join(folder, name + ".log"), "w",
                      encoding="ascii") as f:
                f.write(text)
        return subprocess.run(
            [sys.executable, os.path.join(ROOT, "tests/history.py"), folder,
             *options], stdout=subprocess.PIPE, check=False, text=True)


def one_session():
    """The figures of two nodes must agree as long as nothing was lost."""
    logs = {
        "n1.1": "send n2.sink 1\nend\n",
        "n2.sink": "recv n1.1 1\nend\n",
        "n1.main": "link n2 1 0 2 0 0\nend\n",
        "n2.main": "link n1 1 0 0 1 0\nend\n",
    }
    return "figures: n1 has sent 2 and to n2 have come 1" in run(logs, []).stdout


def killed():
    """What was sent to one that was killed may be missing from the end."""
    logs = {
        "n1.1": "".join("send n2.sink %d\n" % n for n in (1, 2, 3)) + "end\n",
        "n2.sink": "recv n1.1 1\nrecv n1.1 2\n",
        "n1.main": "end\n",
    }
    fine = run(logs, ["killed=n2"])
    logs["n2.sink"] = "recv n1.1 1\nrecv n1.1 3\n"
    return fine.returncode == 0 and "gap: 3" in run(logs, ["killed=n2"]).stdout


def main():
    good = run(GOOD, ["noticed"])
    failed = [] if good.returncode == 0 else ["the good one: " + good.stdout]
    for words, name, old, new, *options in BAD:
        logs = dict(GOOD)
        assert old in logs[name], old
        logs[name] = logs[name].replace(old, new, 1)
        seen = run(logs, options)
        if seen.returncode != 1 or words not in seen.stdout:
            failed.append("not seen: %s\n%s" % (words, seen.stdout))
    failed += [f.__doc__ for f in (one_session, killed) if not f()]
    print("\n".join(failed) or "all are seen")
    return 1 if failed else 0


sys.exit(main())
