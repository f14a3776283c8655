# SPDX-License-Identifier: MIT
# scripts/bench: what it reads and tells, with an Erlang and a compiler of C++
# that are made up, in a tree of its own.
set -eu
tmp=$AKT_TEST_TMP
fail() { echo "FAIL $*" >&2; cat "$tmp/out" "$tmp/err" >&2; exit 1; }
bench() { # EXIT-CODE ARGS...
    local wanted=$1 code=0
    shift
    PATH=$tmp:$PATH scripts/bench "$@" --no-save --args "50 iterations=1" \
        >"$tmp/out" 2>"$tmp/err" || code=$?
    [ $code = "$wanted" ] || fail "scripts/bench $*: exit code $code"
}
mkdir "$tmp/tree" "$tmp/tree/bench"
cp -r scripts "$tmp/tree"
cp -r bench/*.py bench/savina bench/otp bench/caf "$tmp/tree/bench"
cd "$tmp/tree"
erlang() { # CHECK: the other side says that its work came to this
    echo '#!/bin/sh' >"$tmp/erlc"
    cat >"$tmp/erl" <<E
#!/bin/sh
echo "pingpong  1000 roundtrips/s work=50 check=$1 seconds=0.05 cpu=0.02"
E
    chmod +x "$tmp/erl" "$tmp/erlc"
}

erlang 50
bench 0 pingpong --pairs 3 --against otp
grep -qE '^benchmark +unit +aktvm +otp +ratio' "$tmp/out" || fail "no header"
grep -qE '^pingpong +roundtrips/s +[0-9.]+ +1000 +[0-9.]+ +[0-9.]+\.\.[0-9.]+ +[0-9.]+/[0-9.]+ +0.02/0.05$' \
    "$tmp/out" || fail "no row"
bench 0 pingpong --json --pairs 2 --against otp
python3 - "$tmp/out" <<'P' || fail "wrong JSON"
import json, sys
report = json.load(open(sys.argv[1]))
row, = report["rows"]
assert report["v"] == 2 and report["sides"] == ["aktvm", "otp"], report
assert report["machine"]["cores"] > 0 and report["commit"], report
assert row["values"][1] == [1000, 1000] and len(row["values"][0]) == 2, row
beside = row["against"]["otp"]
assert beside["spread"][0] <= beside["ratio"] <= beside["spread"][1], row
P

cat >"$tmp/g++" <<'G'
#!/bin/sh
while [ $# -gt 1 ]; do
    [ "$1" != -o ] || out=$2
    shift
done
[ -n "${out:-}" ] || exit 0
printf '#!/bin/sh\necho pingpong 500 roundtrips/s\n' >"$out"
chmod +x "$out"
G
chmod +x "$tmp/g++"
bench 0 pingpong --pairs 3 --workers 2
grep -qE '^benchmark +unit +aktvm +otp +ratio +min..max +caf +ratio' "$tmp/out" ||
    fail "no header of three"
grep -qE '^pingpong +roundtrips/s +[0-9.]+ +1000 +[0-9.]+ +[0-9.]+\.\.[0-9.]+ +500 +[0-9.]+ ' \
    "$tmp/out" || fail "no row of three"
bench 0 sieve --pairs 1 --against caf       # there is no such program
grep -qE '^sieve +[a-z/]+ +[0-9.]+ +- +- +- ' "$tmp/out" || fail "no row of sieve"
echo 'exit 1' >"$tmp/g++"
bench 1 pingpong --pairs 1 --against caf
grep -q 'caf is not installed (scripts/deps bench)' "$tmp/err" || fail "no word"

erlang 49                                # it has lost one
bench 1 pingpong --pairs 1 --against otp
grep -q 'pingpong: different work or results' "$tmp/err" || fail "not noticed"
bench 0 pingpong --pairs 1 --against none
echo 'exit 3' >>"$tmp/erl"
bench 1 pingpong --pairs 1 --against otp
grep -q 'exit code 3' "$tmp/err" || fail "not told"
bench 2 nosuch
AKTVM=/nosuch/aktvm bench 1 pingpong --pairs 1 --against none
grep -q 'cannot run /nosuch/aktvm' "$tmp/err" || fail "not told what cannot run"

# figures of a tree that changes meanwhile are of no commit
cat >"$tmp/git" <<G
#!/bin/sh
case \$1 in
rev-parse) echo abc ;;
*) cat "$tmp/changed" 2>/dev/null ;;
esac
G
chmod +x "$tmp/git"
erlang 50
bench 0 pingpong --json --pairs 1 --against otp
grep -q '"commit": "abc"' "$tmp/out" || fail "another commit"
echo "echo M README.md >'$tmp/changed'" >>"$tmp/erl"
bench 0 pingpong --json --pairs 1 --against otp
grep -q '"commit": "abc-changed"' "$tmp/out" || fail "not of a changed tree"
grep -q 'the tree has changed meanwhile' "$tmp/err" || fail "no word of it"
