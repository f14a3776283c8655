#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A prompt in a node that runs: it answers while all workers spin, ends alone
# what it runs, and leaves the node alone.
# timeout: 300
set -u
cd "$AKT_TEST_TMP" || exit 1
export AKTVM_RUNTIME_DIR=$AKT_TEST_TMP/run
mkdir -m 700 run

fail() {
    echo "$*" >&2
    cat out err log >&2
    exit 1
}

attach() { # ARGS...: leaves out, err and code
    "$AKTVM" attach "$@" >out 2>err </dev/null
    code=$?
}

expect() { # CODE STDOUT STDERR
    [ "$code" = "$1" ] && [ "$(cat out)" = "$2" ] && [ "$(cat err)" = "$3" ] ||
        fail "instead of code $1, stdout: $2, stderr: $3: code $code and"
}

cat >node.lua <<'L'
local akt = require "akt"
local Counter = akt.actor "counter"
function Counter:init() self.n = 0 end
function Counter.on:inc() self.n = self.n + 1 return self.n end
akt.spawn_opt({ name = "counter" }, Counter)
for _ = 1, 4 do akt.spawn(function() while true do end end) end
print("ready")
akt.receive()
L
: >log
attach -e 1
expect 3 '' 'aktvm: no node runs here (started with --admin off, or by another user?)'

"$AKTVM" --log-level error --name spins --workers 2 node.lua >log 2>&1 &
node=$!
trap 'kill $node 2>/dev/null' EXIT
until grep -q ready log; do
    kill -0 $node 2>/dev/null || fail "the node has ended"
    sleep 0.05
done

attach -e 'akt.ask("counter", "inc")'
expect 0 1 ''
attach --node spins -e 'akt.node().name'
expect 0 '"spins"' ''
attach --pid $node -e 'akt.self() ~= nil'
expect 0 true ''
attach --socket run/spins.$node.sock --timeout=5 -e 1
expect 0 1 ''
attach --node other -e 1
expect 3 '' "aktvm: no such node: other; 1 others run here, see 'aktvm nodes', none is linked with it"
attach --socket other.sock -e 1
expect 3 '' \
    'aktvm: cannot reach the node at other.sock: No such file or directory'

for wrong in '--json' '--timeout 0' '--timeout' '--nonsense' 'word'; do
    attach $wrong
    [ $code = 2 ] && [ -s err ] && [ ! -s out ] || fail "usage: $wrong"
done
"$AKTVM" attach --help >out || fail "--help"
grep -q -- '--timeout S' out && ! grep -q -- '--json' out || fail "--help"
"$AKTVM" --help | grep -q '^  attach ' || fail "not listed"

# what a line prints comes here, before its error, and not to the node
attach -e 'print("a", 1) io.write("b") print("c") error("d")'
expect 1 'a	1
bc' 'error[crash]: (line):1: d'
[ "$(cat log)" = ready ] || fail "printed by the node"

# a line without an end is ended; the limit is that of the command
for code in 'while true do end' \
    'while true do pcall(function() while true do end end) end' \
    'while true do pcall(coroutine.wrap(function() while true do end end)) end' \
    'akt.sleep(1000)' 'akt.receive()' 'os.execute("sleep 1000")' \
    'akt.within(1000, akt.sleep, 1000)' 'io.popen("sleep 1000"):read()' \
    'setmetatable({}, { __index = function() while true do end end }).x'; do
    attach --timeout 0.3 -e "$code"
    [ $code = 1 ] && grep -qE '^error\[(timeout|stuck)\]' err ||
        fail "not ended: $code"
done

# globals last within a session, also over a line that was ended; another
# session has its own
printf 'x = 1\nwhile true do end\nx\n' |
    "$AKTVM" attach --timeout 0.3 >out 2>err
[ "$(cat out)" = 1 ] || fail "lost"
attach -e x
expect 0 nil ''

# a line may be very long, and print very much; both have a limit
attach -e "'$(head -c 100000 /dev/zero | tr '\0' x)' == ('x'):rep(100000)"
expect 0 true ''
"$AKTVM" attach -e 'for i = 1, 100 do print(("y"):rep(10000)) end' >out 2>err
[ "$(wc -c <out)" -lt 300000 ] && tail -n 1 out | grep -q 'bytes more' ||
    fail "not cut"

# what a session has spawned ends with it; the node goes on
attach -e 'akt.register("mine", akt.spawn(function() akt.receive() end))'
until attach -e 'akt.whereis("mine")' && [ "$(cat out)" = nil ]; do
    sleep 0.05 # its end is under way
done
attach -e 'akt.ask("counter", "inc")'
expect 0 2 ''

# the end of the node is an answer too
attach -e 'akt.exit(5) akt.sleep(100)'
[ $code = 1 ] || fail "akt.exit"
wait $node
[ $? = 5 ] || fail "exit code of the node"
