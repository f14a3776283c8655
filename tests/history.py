#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Checks what actors of several nodes have written down against what is promised.

usage: tests/history.py FOLDER [whole] [killed=LABEL,...] [noticed]

Each file NODE.NAME.log of the folder is the log of one actor, which appends to it
before it does something, or as soon as it has heard of it. NODE is a label of one
run of a node: of one that is started again it is another one. A line is one of:

  send TO N            is about to send message N to the actor TO
  fail TO N CODE       ... and was told that it was not sent
  ask TO N             is about to ask; sends and asks are numbered together, from 1
  answer TO N CODE     ... and what became of it; CODE is "ok" or an error's
  recv FROM N          message N of FROM has come
  asked FROM N         the same, of an ask
  bad FROM N           it was not what had been sent
  monitor R TO         has a monitor R on TO now (or is linked with it)
  down R WHY TIME      it has fired
  unmonitor R          it was taken back
  stray WHAT           something came that nobody had asked for
  link PEER SESSIONS LOST OUT IN RESENT
                       of NODE.main when nothing is on its way any more: figures
                       of the link to the node PEER
  end                  the actor has ended as it should

"noconnection" is what ends a session: a monitor tells of it in order with the
messages, so between two such lines all that came is of one session. Checked:

  order    of each sender and receiver: no message twice, none before an earlier one
  gap      in a session none is missing, but what was said to be not sent, and
           asks that have failed. (Deadlines travel: these may be dropped there)
  failed   what was said to be not sent does not come
  down     each monitor fires exactly once, or is taken back and fires at most once
  ask      has exactly one outcome; "ok" only if it came
  lost     what was sent and has not come is counted by the sender's node: for each
           two nodes no more is missing than `lost`. The other way round nothing
           can be said: what was lost is what is not known to have come
  end      all actors have ended as they should
  figures  if there was one session only: what is sent by the one node is what has
           come to the other

killed   with these labels: their logs may end anywhere, and what was sent to them
         may be missing from some point on; it is lost with them, and nobody counts
whole    the session must not have ended at all: nothing is lost, no `noconnection`
noticed  it must have ended, for everybody: each actor that had a monitor on one of
         the other node (of one that was killed) has heard `noconnection`

Prints figures, and what is wrong; exit code 1 if anything is.
"""
import collections
import glob
import os
import sys

SHOWN = 20


class Actor:
    """What one log says."""

    def __init__(self, name):
        self.name = name
        self.node = name.split(".", 1)[0]
        self.ended = False
        self.sent = collections.defaultdict(dict)  # to -> n -> what became of it
        self.got = collections.defaultdict(list)  # from -> [n | None: a session]
        self.monitors = {}  # number -> Monitor
        self.links = {}  # peer -> figures
        self.wrong = []

    def complain(self, text):
        self.wrong.append("%s: %s" % (self.name, text))

    # ---- lines ----

    def on_send(self, to, n):
        self.begin(to, int(n), "sent")

    def on_ask(self, to, n):
        self.begin(to, int(n), "asked")

    def begin(self, to, n, what):
        if n != len(self.sent[to]) + 1:
            self.complain("its own message %d to %s is out of turn" % (n, to))
        self.sent[to][n] = what

    def on_fail(self, to, n, code):
        self.outcome(to, int(n), "sent", "failed")

    def on_answer(self, to, n, code):
        self.outcome(to, int(n), "asked", "ok" if code == "ok" else "unknown")
        if code == "wrong":
            self.complain("ask %s to %s got the answer of another one" % (n, to))

    def outcome(self, to, n, before, after):
        was = self.sent[to].get(n)
        if was != before:
            self.complain("ask: message %d to %s was '%s', and is '%s' now"
                          % (n, to, was, after))
        self.sent[to][n] = after

    def on_recv(self, sender, n):
        self.got[sender].append((int(n), "recv"))

    def on_asked(self, sender, n):
        self.got[sender].append((int(n), "asked"))

    def on_bad(self, sender, n):
        self.complain("message %s of %s is not what was sent" % (n, sender))

    def on_monitor(self, number, to):
        if number in self.monitors:
            self.complain("monitor %s is made twice" % number)
        self.monitors[number] = {"to": to, "downs": [], "back": False}

    def on_down(self, number, why, time):
        m = self.monitors.get(number)
        if not m:
            self.complain("down of monitor %s, which was never made" % number)
            return
        if m["back"]:
            self.complain("down of monitor %s, which was taken back" % number)
        m["downs"].append((why, float(time)))
        if why == "noconnection":
            self.got[m["to"]].append((None, "down"))

    def on_unmonitor(self, number):
        self.monitors[number]["back"] = True

    def on_stray(self, *what):
        self.complain("something that nobody asked for: " + " ".join(what))

    def on_link(self, peer, *figures):
        self.links[peer] = dict(zip(
            ("sessions", "lost", "out", "in", "resent"), map(int, figures)))

    def on_end(self):
        self.ended = True


def read_actor(path):
    actor = Actor(os.path.basename(path)[:-len(".log")])
    with open(path, encoding="utf-8", errors="replace") as f:
        for number, line in enumerate(f, 1):
            words = line.split()
            on = getattr(actor, "on_" + words[0], None) if words else None
            try:
                if not line.endswith("\n"):
                    raise ValueError
                on(*words[1:])
            except (TypeError, ValueError, KeyError):
                actor.complain("line %d makes no sense: %r" % (number, line))
    return actor


class History:
    def __init__(self, actors, options):
        self.actors = {a.name: a for a in actors}
        self.options = options
        self.wrong = [w for a in actors for w in a.wrong]
        self.missing = collections.Counter()  # (node, node) -> messages
        self.count = collections.Counter()

    def complain(self, *words):
        self.wrong.append(" ".join(map(str, words)))

    def killed(self, node):
        return node in self.options["killed"]

    # ---- messages ----

    def check_pair(self, sender, receiver):
        sent = sender.sent[receiver.name]
        last, since_down, came = 0, False, set()
        who = "%s to %s:" % (sender.name, receiver.name)
        for n, what in receiver.got.get(sender.name, []):
            if n is None:
                since_down = True
                continue
            came.add(n)
            self.count["received"] += 1
            self.check_one(who, n, what, sent)
            if n <= last:
                self.complain(who, "order:", n, "comes after", last)
            elif not since_down:
                self.check_gap(who, last, n, sent)
            last, since_down = max(last, n), False
        self.check_asks(who, sent, came, receiver)
        self.count_missing(sender, receiver, came)

    def check_one(self, who, n, what, sent):
        state = sent.get(n)
        if state is None:
            self.complain(who, n, "has come and was never sent")
        elif state == "failed":
            self.complain(who, "failed:", n, "has come and was said to be not")
        elif (state in ("sent",)) != (what == "recv"):
            self.complain(who, n, "was", state, "and came as", what)

    def check_gap(self, who, last, n, sent):
        gap = [k for k in range(last + 1, n) if sent.get(k) in ("sent", "ok")]
        if gap:
            self.complain(who, "gap:", n, "comes after", last, "without",
                          gap[:5], "and no down in between")

    def check_asks(self, who, sent, came, receiver):
        for n, state in sent.items():
            if state == "ok" and n not in came and not self.killed(
                    receiver.node):
                self.complain(who, "ask:", n, "was answered and never came")

    def count_missing(self, sender, receiver, came):
        for n, state in sender.sent[receiver.name].items():
            self.count[state] += 1
            if state == "sent" and n not in came:
                self.missing[sender.node, receiver.node] += 1

    # ---- each actor ----

    def check_end(self, a):
        if self.killed(a.node):
            return
        if not a.ended:
            self.complain(a.name, "end: its log has none")
        for to, sent in a.sent.items():
            for n, state in sent.items():
                if state == "asked":
                    self.complain(a.name, "ask:", n, "to", to,
                                  "has no outcome")

    def check_monitors(self, a):
        for number, m in a.monitors.items():
            downs = len(m["downs"])
            self.count["monitors"] += 1
            for why, _ in m["downs"]:
                self.count["down " + why] += 1
            what = "%s: down: monitor %s on %s" % (a.name, number, m["to"])
            if downs > 1:
                self.complain(what, "has fired", downs, "times")
            if not downs and not m["back"] and not self.killed(a.node):
                self.complain(what, "has not fired")

    def check_unknown(self, a):
        for sender in a.got:
            if sender not in self.actors:
                self.complain(a.name, "hears of", sender, "without a log")

    # ---- nodes ----

    def figures(self, node, peer):
        main = self.actors.get(node + ".main")
        return main.links.get(peer) if main else None

    def check_lost(self):
        for (node, peer), n in self.missing.items():
            if self.killed(node) or self.killed(peer):
                self.count["died with a node"] += n
                continue
            self.count["missing"] += n
            f = self.figures(node, peer)
            if not f:
                self.complain(node, "says nothing of its link to", peer)
            elif f["lost"] < n:
                self.complain("lost:", n, "from", node, "to", peer,
                              "have not come, counted are", f["lost"])

    def check_figures(self):
        for a in list(self.actors.values()):
            for peer, f in a.links.items():
                self.count["lost"] += f["lost"]
                self.count["resent"] += f["resent"]
                other = self.figures(peer, a.node)
                one = other and f["sessions"] == other["sessions"] == 1
                if one and f["out"] != other["in"]:
                    self.complain("figures:", a.node, "has sent", f["out"],
                                  "and to", peer, "have come", other["in"])
                if one and f["lost"]:
                    self.complain("figures:", a.node, "has lost", f["lost"],
                                  "in a session that goes on")

    # ---- what was expected ----

    def check_whole(self):
        for what in ("down noconnection", "missing", "lost"):
            if self.count[what]:
                self.complain("the session has ended:", self.count[what], what)

    def check_noticed(self):
        for a in self.actors.values():
            deaf = [m for m in a.monitors.values()
                    if not self.options["killed"]
                    or self.killed(m["to"].split(".", 1)[0])]
            whys = [w for m in deaf for w, _ in m["downs"]]
            if deaf and not self.killed(a.node) and "noconnection" not in whys:
                self.complain(a.name, "has heard nothing of the end of the"
                              " session")

    def check(self):
        for sender in list(self.actors.values()):
            for to in list(sender.sent):
                if to in self.actors:
                    self.check_pair(sender, self.actors[to])
                else:
                    self.complain(sender.name, "sends to", to,
                                  "which has no log")
        for a in self.actors.values():
            self.check_end(a)
            self.check_monitors(a)
            self.check_unknown(a)
        self.check_lost()
        self.check_figures()
        if self.options["whole"]:
            self.check_whole()
        if self.options["noticed"]:
            self.check_noticed()
        if not self.count["received"]:
            self.complain("nothing was received at all")


def first_downs(actors, since):
    """(node, seconds from `since` to its first and last `noconnection`)"""
    times = collections.defaultdict(dict)
    for a in actors:
        for number, m in a.monitors.items():
            for why, time in m["downs"]:
                if why == "noconnection" and time >= since:
                    first = times[a.node].get(a.name, time)
                    times[a.node][a.name] = min(first, time)
    return {node: (min(t.values()) - since, max(t.values()) - since)
            for node, t in times.items()}


def read_time(folder):
    try:
        with open(os.path.join(folder, "fault.time"), encoding="ascii") as f:
            return float(f.read())
    except OSError:
        return None


def main():
    folder, words = sys.argv[1], sys.argv[2:]
    options = {"killed": set(), "whole": False, "noticed": False}
    for word in words:
        key, _, value = word.partition("=")
        if key not in options:
            sys.exit("history.py: unknown option: " + word)
        options[key] = set(value.split(",")) if value else True
    actors = [read_actor(p)
              for p in sorted(glob.glob(os.path.join(folder, "*.log")))]
    history = History(actors, options)
    history.check()
    print(", ".join("%s %d" % c for c in sorted(history.count.items())))
    since = read_time(folder)
    if since is not None:
        for node, (first, last) in sorted(first_downs(actors, since).items()):
            print("%s hears noconnection after %.2f to %.2f s"
                  % (node, first, last))
    for text in history.wrong[:SHOWN]:
        print("WRONG " + text)
    if len(history.wrong) > SHOWN:
        print("and %d more" % (len(history.wrong) - SHOWN))
    return 1 if history.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
