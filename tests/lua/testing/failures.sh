# SPDX-License-Identifier: MIT
# skip-tsan: of one thread
# How each kind of failure is told: the reason, the place, the way to replay.
out=$AKT_TEST_TMP/out
"$AKTVM" test --turns 20000 tests/lua/testing/support/mixed.lua >"$out" 2>&1
code=$?
bad() { echo "$*"; cat "$out"; exit 1; }
[ $code = 1 ] || bad "exit code $code"
[ "$(tail -n 1 "$out")" = "1 passed, 17 failed" ] || bad "last line"
m=tests/lua/testing/support/mixed.lua
want() { grep -qF -- "$*" "$out" || bad "lacks: $*"; }
want "FAIL $m: it's \"quoted\" <&>"
want "  --> $m:16: not equal at .a[1]: 1 and 2"
want "      t.eq({ a = { 1 } }, { a = { 2 } })"
want "    | shown ?[31m? "
want "    | 1 2.5"
want "    | on stderr"
want "info <main#1> logged x=1"
want "  replay   aktvm test $m --filter 'it'\\''s \"quoted\" <&>' --seed 1"
want "  --> $m:18: crash: ask: $m:7: no <good> & \"bad\""
want "    | error[crash]: <server#5> crashed in on.crash"
want "<server#5>        crash  from <main#1>"
want "  --> $m:19: plain"
want "  --> $m:20: { x = 1 }"
want "  --> $m:21: waits for ever: nothing can happen any more"
want "  --> $m:22: does not end: given up after"
want "  --> $m:26: does not end: given up after"
want "the last turn was of <server#5> at $m:8"
want "  --> $m:28: stuck: $m:30: ran for"
want "  --> $m:36: does not end: given up after"
want "  --> $m:40: does not end: given up after"
want "the program ended with code 3 before the test was done"
want "the program ended with code 0 before the test was done"
want "the test passed, but its actors do not end"
want " bytes more"
want "  --> $m:58: not enough memory"
grep -q "not shown" "$out" && bad "output of a test that passed"
[ $(wc -c <"$out") -lt 200000 ] || bad "too much"
# a failure replays, alone, byte for byte
one() { "$AKTVM" test $m --filter 'crash of an actor' --seed 1; }
a=$(one); b=$(one)
[ "$a" = "$b" ] || bad "not the same twice: $a $b"
case $a in *"0 passed, 1 failed") ;; *) bad "$a" ;; esac
