# SPDX-License-Identifier: MIT
# Finding files, choosing tests, exit codes.
set -u
bad() { echo "$*"; exit 1; }
cd "$AKT_TEST_TMP"
mkdir -p app/tests/deep app/.hidden app/src
test_of() { echo "local t = require 'akt.test' t.test('$1', function() ${2:-} end)"; }
test_of one >app/one_test.lua
test_of two >app/tests/two.lua
test_of three >app/tests/deep/three.lua
test_of hidden >app/.hidden/x_test.lua
test_of "not a test" >app/src/plain.lua
echo "os.exit(9)" >app/tests/helper.lua
ln -s . app/loop
got() { # expected code, expected output, arguments
  code=$1 want=$2; shift 2
  out=$("$AKTVM" test "$@" 2>err); is=$?
  [ $is = $code ] || bad "test $*: code $is, not $code: $out $(cat err)"
  [ "$out" = "$want" ] || bad "test $*: $out"
}
got 0 "ok   app/one_test.lua: one
ok   app/tests/deep/three.lua: three
ok   app/tests/two.lua: two
3 passed, 0 failed" --verbose
(cd app && got 0 "ok   one_test.lua: one
1 passed, 0 failed" -v one_test.lua --filter o)
got 0 "1 passed, 0 failed" app app/tests --filter three
got 0 "1 passed, 0 failed" app/src/plain.lua
got 1 "0 passed, 0 failed" app --filter nothing
grep -q "no tests found" err || bad "no tests: $(cat err)"
mkdir empty
got 1 "0 passed, 0 failed" empty
got 2 "" nowhere
got 2 "" --runs 0
got 2 "" --runs
got 2 "" --seed -1
got 2 "" --rums 3
got 2 "" --workers=x
got 2 "" --timeout 0
"$AKTVM" test --help | grep -q -- "--junit FILE" || bad help
"$AKTVM" --help | grep -q "test \[options\]" || bad "help of all"
got 0 "3 passed, 0 failed" app --runs=5 --seed=18446744073709551615 --workers 1

# a filter that is a whole name means that test only
{ test_of "add"; test_of "add two"; } >app/add_test.lua
got 0 "2 passed, 0 failed" app/add_test.lua --filter dd
got 0 "1 passed, 0 failed" app/add_test.lua --filter add

# files that cannot be run are failures of their own
echo "x = = 1" >app/bad_test.lua
got 1 "FAIL app/bad_test.lua: (the file itself)
  --> app/bad_test.lua:1: unexpected symbol near '='
  seed     1, run 1 of 1
  output
    | error[crash]: <main#1> crashed in main chunk
    |   --> app/bad_test.lua:1: unexpected symbol near '='
    |   restart  none: the program ends
  replay   aktvm test app/bad_test.lua --seed 1
0 passed, 1 failed" app/bad_test.lua
same() { "$AKTVM" test "$1" | grep -qF -- "$2" || bad "$1: $("$AKTVM" test "$1")"; }
{ test_of twice; test_of twice; } >app/twice_test.lua
same app/twice_test.lua 'test: there are two tests named "twice"'
test_of inner "t.test('x', print)" >app/inner_test.lua
same app/inner_test.lua 'test "x": not inside of another test'
echo "require('akt.test').test('a', 5)" >app/arg_test.lua
same app/arg_test.lua 'test "a": a function is expected, got number'
echo "require('akt.test').test('a\nb', print)" >app/name_test.lua
same app/name_test.lua 'without control characters'
echo "local t = require 'akt.test' while true do end" >app/endless_test.lua
same app/endless_test.lua 'app/endless_test.lua:1: does not end: given up'
echo "error('at the top')" >app/top_test.lua
same app/top_test.lua 'app/top_test.lua:1: at the top'

# what a file starts besides its tests does not keep it from being listed
echo "local akt = require 'akt' akt.every(1, 'x')
$(test_of ticks "require('akt').sleep(3)")" >app/ticks_test.lua
got 0 "1 passed, 0 failed" app/ticks_test.lua

# what is no text, and what cannot be opened without waiting
printf '\033Lua' >app/code_test.lua
same app/code_test.lua 'only text is loaded'
printf '\357\273\277#!x\nlocal t = require "akt.test" t.test("a", function() t.ok(1) end)' \
  >app/bom_test.lua
got 0 "1 passed, 0 failed" app/bom_test.lua
: >app/src/empty.lua
got 1 "0 passed, 0 failed" app/src/empty.lua
mkfifo fifo
got 2 "" fifo
got 0 "ok   app/tests/two.lua: two
1 passed, 0 failed" -v app/tests/ --filter two

# modules beside the test, stdin is empty
mkdir lib; echo "return { n = 5 }" >lib/mod.lua
echo "local m = require 'mod'
$(test_of mod "t.eq(m.n, 5) t.eq(io.read(), nil)")" >lib/mod_test.lua
got 0 "1 passed, 0 failed" lib
