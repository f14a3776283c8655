# SPDX-License-Identifier: MIT
# The table in README.md: it is that of the results which it names, and only
# results of a whole closing table from a clean commit can be shown.
set -eu
tmp=$AKT_TEST_TMP
fail() { echo "FAIL $*" >&2; cat "$tmp/err" >&2; exit 1; }

scripts/bench --readme --check 2>"$tmp/err" || fail "README.md"

# A tree of its own, with results that are made up.
mkdir "$tmp/tree" "$tmp/tree/bench" "$tmp/tree/bench/results"
cp -r scripts "$tmp/tree"
cp -r bench/*.py bench/*.lua bench/savina bench/otp "$tmp/tree/bench"
cd "$tmp/tree"
results() { # NAME CHANGE: in Python, to the report r
    python3 - "$1" "$2" <<'P'
import json, subprocess, sys
def row(benchmark, name, unit, ours, theirs):
    beside = {"otp": {"ratio": ours / theirs,
                      "spread": [ours / theirs * 0.9, ours / theirs * 1.25]}}
    return {"benchmark": benchmark, "name": name, "unit": unit,
            "values": [[ours] * 5, [theirs] * 5, []], "against": beside}
groups = [line.split() for line in subprocess.run(
    ["scripts/bench", "--list"], capture_output=True, text=True).stdout
    .splitlines()]
rows = [row(name, name, "turns/s", 2500000, 1000000)
        for group, *names in groups if group != "more" for name in names
        if name != "restart"]
rows += [row("restart", "restart.median", "us", 2, 8)]
r = {"v": 2, "date": "2026-01-02T03:04:05+0000", "commit": "abc",
     "machine": {"cpu": "Abacus", "cores": 2, "memory": 24e9, "kernel": "6",
                 "load": 0}, "sides": ["aktvm", "otp", "caf"],
     "versions": {"otp": "OTP 25", "caf": "CAF 0.17"}, "pairs": 5,
     "workers": None, "args": "", "rows": rows}
count, pingpong = rows[1], rows[0]
count["against"]["otp"] = {"ratio": 0.5, "spread": [0.4, 0.625]}
pingpong["values"][2] = [1250000] * 5
pingpong["against"]["caf"] = {"ratio": 2, "spread": [2, 2]}
exec(sys.argv[2])
json.dump(r, open("bench/results/%s.json" % sys.argv[1], "w"))
P
}
page() {
    printf '%s\n' before '<!-- bench: begin. Written by scripts/bench --readme -->' \
        'No figures yet.' '<!-- bench: end -->' after >README.md
}
bench() { # EXIT-CODE TEXT-ON-STDERR ARGS...
    local wanted=$1 text=$2 code=0
    shift 2
    scripts/bench "$@" >"$tmp/out" 2>"$tmp/err" || code=$?
    [ $code = "$wanted" ] || fail "$*: exit code $code"
    grep -qF -e "$text" "$tmp/err" || fail "$*: does not say: $text"
}
shows() { grep -qxF -e "$1" README.md || { cat README.md; fail "no line $1"; }; }

page
bench 0 'no figures yet' --readme --check
bench 1 'run scripts/bench in a clean tree' --readme
results 2026-01 ''
bench 0 'README.md shows bench/results/2026-01.json' --readme
bench 0 '' --readme --check
shows before
shows after
shows '- Figures: `bench/results/2026-01.json`, 2026-01-02, commit `abc`'
shows '- Machine: Abacus, 2 cores, 24 GB, Linux 6, load 0.0 at the start'
shows '- Runs: 5 of each side, in turn; 2 workers on each side'
shows '| micro | aktvm | Erlang/OTP | times as good |'
shows '| pingpong, turns/s | 2,500,000 | 1,000,000 | 2.50 (2.25-3.12) |'
shows '| count, turns/s | 2,500,000 | 1,000,000 | **0.50** (0.40-0.62) |'
shows '| restart.median, us | 2 | 8 | 4.00 (3.20-4.44) |'
shows '| pingpong, turns/s | 2,500,000 | 1,250,000 | 2.00 (2.00-2.00) |'
grep -q 'ahead of Erlang/OTP, or even, in [0-9]* and behind in 1\.' README.md ||
    fail "not told who is ahead"
[ "$(grep -c '^| .* | aktvm | CAF |' README.md)" = 1 ] || fail "CAF's tables"

cp README.md good.md
sed -i 's/| 2.50 (/| 2.60 (/' README.md
bench 1 'README.md does not show' --readme --check
cp good.md README.md
results 2026-01 'rows[3]["values"][0] = [9] * 5'
bench 1 'README.md does not show' --readme --check
results 2026-01 'r["commit"] += "-changed"'
bench 1 'not of a clean commit' --readme --check
rm bench/results/2026-01.json
bench 1 'No such file' --readme --check

# Newer ones that must not be shown are passed over, and refused by name.
results 2026-01 ''
for change in \
    'clean commit|r["commit"] += "-changed"' 'clean commit|r["commit"] = "unknown"' \
    'of 4 pairs|r["pairs"] = 4' 'other sizes|r["args"] = "10"' \
    'not beside OTP|r["sides"] = ["aktvm", "caf"]' \
    'another version|r["v"] = 1' \
    'without fib|r["rows"] = [x for x in rows if x["name"] != "fib"]'; do
    results 2026-02 "${change#*|}"
    page
    bench 0 "${change%%|*}" --readme
    cmp -s README.md good.md || fail "shows another one: $change"
    bench 1 "${change%%|*}" --readme bench/results/2026-02.json
done
results 2026-02 ''
bench 0 'shows bench/results/2026-02.json' --readme
bench 0 'shows bench/results/2026-01.json' --readme bench/results/2026-01.json
echo nothing >README.md
bench 1 'no lines' --readme
