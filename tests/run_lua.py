#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs everything that is a Lua program: tests, examples, blocks in the docs.

usage: tests/run_lua.py [options] [FILTER...]

A FILTER is a part of a test's name: "lua/ask/", "examples/", "README.md:20".
The directives a test file may hold are listed in tests/README.md.

  --aktvm PATH       the binary (default build/release/aktvm)
  --sanitizer NAME   asan or tsan: honours skip-asan, skip-tsan, and a report
                     of the sanitizer is a failure whatever the exit code
  --slow N           multiplies all timeouts
  --jobs N           tests at a time (default: number of cores, at least 2)
  --repeat N         runs every test N times
  --list             prints the names only
"""
import argparse
import concurrent.futures
import difflib
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TIMEOUT_S = 60
SHOWN_LINES = 60  # of each output of a failed test
SEEDS_SANITIZED = 3  # at most, under ASan
SKIPPED = 77  # the exit code of a .sh test that cannot be run here

EXPECT = re.compile(r"(?:--|#) ?expect:(?: (.*))?$")
DIRECTIVE = re.compile(
    r"^\s*(?:--|#)\s*(expect-err|expect-any|exit|args|flags|env|timeout|stdin"
    r"|skip-tsan|skip-asan|seeds|serial|no-run)(?::(?: (.*))?)?\s*$")
FENCE = re.compile(r"^( *)```\s*lua\b[ ,]*(.*)$")
DOC_EXPECT = re.compile(r"-->(?: (.*))?$")
REPORT = re.compile(
    r"(ERROR: (Address|Leak)Sanitizer|WARNING: ThreadSanitizer"
    r"|FATAL: ThreadSanitizer|ThreadSanitizer:DEADLYSIGNAL|: runtime error: )")


class Skipped(Exception):
    """A test that cannot be run here; says why."""


class Test:
    """One program to run and what it must do."""

    def __init__(self, name, path):
        self.name = name
        self.path = path
        self.expect = None  # lines of stdout; None: anything
        self.expect_err = []
        self.exit = 0
        self.args = []
        self.flags = []
        self.env = {}
        self.timeout = TIMEOUT_S
        self.stdin = ""
        self.skip = set()
        self.serial = False
        self.seeds = 0  # of runs in the simulated world, besides or instead
        self.run = True  # False: only its syntax is checked
        self.shell = path.endswith(".sh")
        self.testing = path.endswith("_test.lua")  # by `aktvm test`
        self.cwd = ROOT

    def directive(self, word, value):
        if word == "expect-err":
            self.expect_err.append(value.strip())
        elif word == "expect-any":
            self.expect = None
        elif word == "exit":
            self.exit = int(value)
        elif word in ("args", "flags"):
            setattr(self, word, getattr(self, word) + shlex.split(value))
        elif word == "env":
            key, _, text = value.strip().partition("=")
            self.env[key] = text
        elif word == "timeout":
            self.timeout = float(value)
        elif word == "stdin":
            self.stdin += value + "\n"
        elif word.startswith("skip-"):
            self.skip.add(word[len("skip-"):])
        elif word == "seeds":
            self.seeds = int(value)
        elif word == "serial":
            self.serial = True
        elif word == "no-run":
            self.run = False


def read(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


def relative(path):
    return os.path.relpath(path, ROOT)


def walk(*parts):
    for where, folders, names in os.walk(os.path.join(ROOT, *parts)):
        folders[:] = sorted(f for f in folders if f != "support")
        for name in sorted(names):
            yield os.path.join(where, name)


def parse_directives(test, text, expect):
    test.expect = [] if expect else None
    expect_any = False
    for line in text.splitlines():
        match = EXPECT.search(line) if expect else None
        if match:
            test.expect.append(match.group(1) or "")
            continue
        match = DIRECTIVE.match(line)
        if match:
            expect_any = expect_any or match.group(1) == "expect-any"
            try:
                test.directive(match.group(1), match.group(2) or "")
            except ValueError as e:
                sys.exit("%s: %s: %s" % (test.name, line.strip(), e))
    if expect_any or (test.shell or test.testing) and not test.expect:
        test.expect = None
    return test


def lua_tests():
    for folder in ("lua", "limit"):
        for path in walk("tests", folder):
            base = os.path.basename(path)
            if base.endswith((".lua", ".sh")) and not base.startswith("_"):
                yield parse_directives(Test(relative(path), relative(path)),
                                       read(path), True)


def examples():
    folder = os.path.join(ROOT, "examples")
    for base in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        if not base.endswith(".lua") or base.startswith("_"):
            continue
        path = os.path.join(folder, base)
        test = parse_directives(Test(relative(path), relative(path)),
                                read(path), False)
        known = os.path.join(folder, "expected", base[:-len(".lua")] + ".txt")
        if os.path.exists(known):
            test.expect = read(known).splitlines()
        yield test


def doc_pages():
    readme = os.path.join(ROOT, "README.md")
    if os.path.exists(readme):
        yield readme
    for path in walk("docs"):
        if path.endswith(".md"):
            yield path


def doc_blocks(text):
    """(first line, options, lines) of each ```lua block."""
    block = None
    for number, line in enumerate(text.splitlines(), 1):
        if block is None:
            match = FENCE.match(line)
            if match:
                indent, options = len(match.group(1)), match.group(2)
                block = (number, shlex.split(options.replace(",", " ")), [])
        elif line.strip() == "```":
            yield block
            block = None
        else:
            block[2].append(line[indent:] if not line[:indent].strip()
                            else line)


def docs(scratch):
    """A page's blocks run in a folder of the page; `file=NAME` puts one there."""
    for page in doc_pages():
        folder = os.path.join(scratch, relative(page).replace(os.sep, "_"))
        os.makedirs(folder, exist_ok=True)
        for number, options, lines in doc_blocks(read(page)):
            words = dict(o.partition("=")[::2] for o in options)
            name = words.get("file", "block_%d.lua" % number)
            test = Test("%s:%d" % (relative(page), number), name)
            test.cwd = folder
            test.run = "no-run" not in words and "file" not in words
            test.testing = "test" in words
            for key in ("exit", "timeout", "args", "flags", "skip-tsan"):
                if key in words:
                    test.directive(key, words[key])
            found = [DOC_EXPECT.search(line) for line in lines]
            expect = [m.group(1) or "" for m in found if m]
            test.expect = [e.rstrip() for e in expect] or None
            os.makedirs(os.path.dirname(os.path.join(folder, name)),
                        exist_ok=True)
            with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
                # so that line numbers in messages are those of the page
                f.write("\n" * number + "\n".join(lines) + "\n")
            yield test


# A program of its own, because `load` is all that is needed of aktvm here.
SYNTAX = """local f = assert(io.open(%s))
local text = f:read("a")
f:close()
local ok, err = load(text, "=" .. %s)
if not ok then error(err, 0) end
"""


def lua_quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Runner:
    def __init__(self, options, scratch):
        self.options = options
        self.aktvm = os.path.abspath(options.aktvm)
        self.scratch = scratch
        self.count = 0
        self.lock = threading.Lock()
        self.running = set()

    def command(self, test, tmp, world):
        if test.shell:
            return ["bash", test.path, *test.args]
        path = test.path
        if test.testing and test.run:
            return [self.aktvm, "test", *test.flags, *test.args, path]
        if not test.run:
            path = os.path.join(tmp, "syntax.lua")
            target = os.path.join(test.cwd, test.path)
            with open(path, "w", encoding="utf-8") as f:
                f.write(SYNTAX % (lua_quoted(target), lua_quoted(test.path)))
            return [self.aktvm, path]
        return [self.aktvm, *world, *test.flags, path, *test.args]

    def environment(self, test, tmp):
        build = os.path.dirname(self.aktvm)
        return {**os.environ, "AKTVM": self.aktvm, "AKT_ROOT": ROOT,
                "AKT_TEST_TMP": tmp, "TMPDIR": tmp, "NO_COLOR": "1",
                "AKTVM_LOG_FORMAT": "text",
                "AKT_TEST_SANITIZER": self.options.sanitizer or "",
                "AKT_TEST_CPATH": os.path.join(build, "tests", "?.so"),
                **test.env}

    def run(self, test):
        """The reasons why it failed (none: passed)."""
        seeds = test.seeds
        if self.options.sanitizer == "tsan":
            seeds = 0  # the simulated world is of one thread
        elif self.options.sanitizer:
            seeds = min(seeds, SEEDS_SANITIZED)
        if not seeds or "--sim" not in test.flags:
            reasons = self.run_once(test, [])
            if reasons:
                return reasons
        for seed in range(1, seeds + 1):
            reasons = self.run_once(test, ["--sim", "--seed", str(seed)])
            if reasons:
                return ["with --sim --seed %d:" % seed, *reasons]
        return []

    def run_once(self, test, world):
        with self.lock:
            self.count += 1
            tmp = os.path.join(self.scratch, "t%d" % self.count)
        os.makedirs(tmp)
        timeout = test.timeout * self.options.slow
        process = subprocess.Popen(
            self.command(test, tmp, world), cwd=test.cwd,
            env=self.environment(test, tmp), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True)
        with self.lock:
            self.running.add(process)
        hung = False
        try:
            out, err = process.communicate(test.stdin.encode(), timeout)
        except subprocess.TimeoutExpired:
            hung = True
            self.end(process)
            try:
                out, err = process.communicate(timeout=10)
            except subprocess.TimeoutExpired:  # a grandchild holds the pipe
                out, err = b"", b""
        finally:
            self.end(process)  # what it left running
            with self.lock:
                self.running.discard(process)
            shutil.rmtree(tmp, ignore_errors=True)
        out = out.decode("utf-8", "replace")
        err = err.decode("utf-8", "replace")
        if test.shell and process.returncode == SKIPPED:
            raise Skipped((out.strip().splitlines() or ["?"])[-1])
        reasons = list(self.judge(test, process.returncode, out, err))
        if hung:
            reasons.insert(0, "still running after %g s" % timeout)
        if reasons and test.expect is None and out:
            reasons.append("stdout:\n" + indented(out))
        if reasons and err:
            reasons.append("stderr:\n" + indented(err))
        return reasons

    @staticmethod
    def end(process):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def end_all(self):
        with self.lock:
            for process in self.running:
                self.end(process)

    def judge(self, test, code, out, err):
        code = 128 - code if code < 0 else code  # as a shell counts signals
        wanted = test.exit if test.run else 0
        if code != wanted:
            yield "exit code %d, not %d" % (code, wanted)
        if self.options.sanitizer and REPORT.search(err):
            yield "a report of the sanitizer"
        if test.run and test.expect is not None:
            lines = out.splitlines()
            if ".md:" in test.name:
                lines = [line.rstrip() for line in lines]
            if lines != test.expect:
                yield "stdout differs (- expected, + got):\n" + indented(
                    "\n".join(list(difflib.unified_diff(
                        test.expect, lines, lineterm="", n=3))[2:]))
        at = 0
        for text in test.expect_err:
            found = err.find(text, at)
            if found < 0:
                yield "stderr lacks%s: %s" % (
                    " (after the one before)" if at else "", text)
                break
            at = found + len(text)


def indented(text):
    lines = text.splitlines()
    if len(lines) > SHOWN_LINES:
        half = SHOWN_LINES // 2
        lines = (lines[:half] + ["... %d lines ..." % (len(lines) - 2 * half)]
                 + lines[-half:])
    return "\n".join("      " + line for line in lines)


def parse_options():
    parser = argparse.ArgumentParser(
        usage=__doc__.split("usage: ", 1)[1].rstrip(), add_help=True)
    parser.add_argument("filters", nargs="*", help=argparse.SUPPRESS)
    parser.add_argument("--aktvm", help=argparse.SUPPRESS,
                        default=os.path.join(ROOT, "build/release/aktvm"))
    parser.add_argument("--sanitizer", choices=["asan", "tsan"],
                        help=argparse.SUPPRESS)
    parser.add_argument("--slow", type=float, default=1,
                        help=argparse.SUPPRESS)
    parser.add_argument("--jobs", type=int, help=argparse.SUPPRESS,
                        default=max(2, os.cpu_count() or 2))
    parser.add_argument("--repeat", type=int, default=1,
                        help=argparse.SUPPRESS)
    parser.add_argument("--list", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def collect(options, scratch):
    tests = [*lua_tests(), *examples(), *docs(scratch)]
    if options.filters:
        tests = [t for t in tests if any(f in t.name for f in options.filters)]
    skipped = [t for t in tests if is_skipped(t, options.sanitizer)]
    return [t for t in tests if t not in skipped], skipped


def is_skipped(test, sanitizer):
    one_thread = "--sim" in test.flags
    return sanitizer in test.skip or (sanitizer == "tsan" and one_thread)


def run_all(runner, tests):
    """How many have failed, and how many could not be run."""
    failed = skipped = 0

    def one(test):
        started = time.monotonic()
        try:
            reasons = runner.run(test)
        except Skipped as e:
            reasons = e
        except OSError as e:
            reasons = [str(e)]
        return test, reasons, time.monotonic() - started

    def report(result):
        nonlocal failed, skipped
        test, reasons, seconds = result
        if isinstance(reasons, Skipped):
            print("SKIP %s: %s" % (test.name, reasons))
            skipped += 1
        elif reasons:
            failed += 1
            print("FAIL %s (%.1f s)" % (test.name, seconds))
            for reason in reasons:
                print("    " + reason)
        sys.stdout.flush()

    with concurrent.futures.ThreadPoolExecutor(runner.options.jobs) as pool:
        jobs = [pool.submit(one, t) for t in tests if not t.serial]
        try:
            for job in concurrent.futures.as_completed(jobs):
                report(job.result())
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            runner.end_all()
            raise
    for test in tests:
        if test.serial:
            report(one(test))
    return failed, skipped


def main():
    options = parse_options()
    with tempfile.TemporaryDirectory(prefix="aktvm-test-") as scratch:
        tests, skipped = collect(options, scratch)
        if options.list:
            print("\n".join(t.name for t in tests))
            return 0
        tests *= options.repeat
        if skipped:
            print("%d skipped" % len(skipped))
        failed, not_run = run_all(Runner(options, scratch), tests)
    passed = len(tests) - failed - not_run
    if not_run:
        print("%d could not be run here" % not_run)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or (options.filters and not tests) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
