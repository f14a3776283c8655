#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The prompt without a terminal: no prompts, results on stdout, errors on
# stderr, exit code 1 if a line has failed.
# timeout: 300
set -u
cd "$AKT_TEST_TMP" || exit 1

run() { # what goes to stdin; leaves out, err and code
    printf '%s\n' "$1" | "$AKTVM" repl --log-level error --admin off >out 2>err
    code=$?
}

expect() { # CODE STDOUT STDERR
    if [ "$code" != "$1" ] || [ "$(cat out)" != "$2" ] ||
        [ "$(cat err)" != "$3" ]; then
        echo "code $code, stdout:"; cat out
        echo "stderr:"; cat err
        echo "instead of code $1, stdout:"; printf '%s\n' "$2"
        echo "stderr:"; printf '%s\n' "$3"
        exit 1
    fi
}

run '1 + 1'
expect 0 2 ''

# globals last, locals do not; nothing is printed for a statement
run 'x = 5
local y = 6
x, y'
expect 0 '5	nil' ''

# a chunk of several lines; what it prints comes before its results
run 'for i = 1, 2 do
  print(i)
end
io.write("a", 1, "\n") and nil
print("b") or "c"'
expect 0 '1
2
a1
nil
b
"c"' ''

# values
run '"quo\"te\n\0\255", 1.0, 1 // 1, nil, true
{ 1, "two", { 3 }, x = 4, [10] = 5, ["a b"] = 6, ["end"] = 7 }
t = { name = "loop" } t.self = t
t
setmetatable({}, { __tostring = function() return "shown" end })
akt.spawn(function() akt.sleep(0) end)
akt.secret("password")
{}'
sed -i 's/<process#[0-9]*>/<process#N>/' out
expect 0 '"quo\"te\n\0\xff"	1.0	1	nil	true
{ 1, "two", { 3 }, [10] = 5, ["a b"] = 6, ["end"] = 7, x = 4 }
{ name = "loop", self = <cycle> }
shown
<process#N>
<secret>
{}' ''

# errors; what comes after them still runs
run 'error("boom")
error { code = "zap", message = "said" }
akt.ask("nobody", "x")
x x
1'
expect 1 1 'error[crash]: (line):1: boom
error[zap]: said
error[noproc]: (line):1: ask: there is no such actor
error[syntax]: (line):1: syntax error near '"'x'"

# the rest never comes
run 'if true then'
expect 1 '' "error[syntax]: (line):1: 'end' expected near <eof>"

# the session is an actor, and exit ends the dialog
run 'akt.send(akt.self(), "hello", 1)
akt.receive()
  exit  
print("not reached")'
expect 0 'true
"hello"	1' ''

# kinds and functions with the globals of the session travel
run 'Counter = akt.actor "counter"
step = 10
function Counter:init() self.n = 0 end
function Counter.on:inc() self.n = self.n + step; return self.n end
c = akt.spawn(Counter)
c:ask("inc")
c:ask("inc")'
expect 0 '10
20' ''

# globals of the node stay as they are
run 'string.upper = 1
_G.mine = 2
mine'
expect 1 2 "error[read_only]: (line):1: string is read-only: cannot assign \
field 'upper'"

# a huge value is cut
run 'local t = {} for i = 1, 100000 do t[i] = { i } end return t
("x"):rep(100000)
d = {} for i = 1, 100 do d = { d } end
d'
[ "$(wc -c <out)" -lt 10000 ] || { wc out err; exit 1; }
grep -q '"... (100000 bytes)' out && grep -q ' more)' out &&
    grep -qF '{ { { { { { {...} } } } } }' out || { cat out; exit 1; }

# a time limit; what was printed until then is there
printf 'print("on")\nwhile true do end\nakt.sleep(1000)\n7\n' |
    "$AKTVM" repl --log-level error --admin off --timeout 0.2 >out 2>err
code=$?
expect 1 'on
7' 'error[timeout]: (line):1: the time of the line is over
error[timeout]: (line):1: sleep: no answer in time'

# -e; the script that main runs; the end of the node
"$AKTVM" repl --log-level error --admin off -e '6 * 7' >out 2>err
code=$?
expect 0 42 ''
"$AKTVM" repl --log-level error --admin off -e 'error("x")' >out 2>err
code=$?
expect 1 '' 'error[crash]: (line):1: x'
cat >main.lua <<'L'
local akt = require "akt"
local Echo = akt.actor "echo"
function Echo.on:say(what) return what .. " " .. akt.args[1] end
akt.spawn_opt({ name = "echo" }, Echo)
L
echo 'akt.ask("echo", "say", "hello")' |
    "$AKTVM" repl --log-level error --admin off main.lua world >out 2>err
code=$?
expect 0 '"hello world"' ''
echo 'akt.exit(7) akt.sleep(100)
1' | "$AKTVM" repl --log-level error --admin off >out 2>err
code="${PIPESTATUS[1]}"
[ "$code" = 7 ] && [ ! -s out ] || { echo "akt.exit: $code"; cat out err; exit 1; }

# an end of its own brings a new session
run 'x = 1
akt.kill(akt.self()) akt.sleep(1)
x'
expect 1 nil 'error[noproc]: the session has ended
aktvm: a new session has been started; what the old one had defined is lost'
