# JSON lines: every one is valid, whatever a script puts in; a crash is one.
set -e
tmp=$AKT_TEST_TMP
cat > "$tmp/a.lua" <<'L'
local akt = require "akt"
local K = akt.actor "counter"
function K.on:work(s)
  akt.log.warn{ "at work", "now", n = 1, f = 2.5, nan = 0 / 0, inf = -1 / 0,
    bad = "a\xff\xc0\xafb", ctl = "x\n\27[31m\u{9b}\u{202e}", list = { 1, { 2 } },
    map = { b = 1, [true] = 2, a = akt.self() }, text = "mine", secret = s,
    ["a b"] = setmetatable({}, { __tostring = function() error("no") end }) }
  error("bad \n thing")
end
local k = akt.spawn(K)
akt.try(k.ask, k, "work", akt.secret("pw"))
local deep = {}
deep.deep = deep
akt.log.info{ "big", deep = deep, s = ("\0"):rep(100000), t = ("x"):rep(9000) }
akt.log.info(("y"):rep(100000))
local many = {}
for i = 1, 200 do many["key" .. i] = ("v"):rep(3000) end
akt.log.info(many)
akt.log.error("")
error("main fails")
L
"$AKTVM" --log-format json "$tmp/a.lua" 2>"$tmp/err" && exit 1
AKTVM_LOG_FORMAT=auto "$AKTVM" "$tmp/a.lua" 2>"$tmp/err2" && exit 1
# no terminal: JSON, but for crash reports
[ "$(grep -c '^{' <"$tmp/err2")" -gt 3 ]
grep -q '^error\[crash\]: <main#1> crashed in main chunk' "$tmp/err2"
grep -q '^  --> .*main fails' "$tmp/err2"
python3 - "$tmp/err" <<'P'
import json, re, sys
lines = open(sys.argv[1], "rb").read().decode("utf-8").split("\n")
assert lines.pop() == ""
all = [json.loads(l, parse_constant=lambda c: 1 / 0) for l in lines]
assert max(map(len, lines)) < 17000, max(map(len, lines))
for l in all:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", l["time"])
work = all[0]
assert work["level"] == "warn" and work["kind"] == "counter", work
assert work["actor"].startswith("<counter#") and work["trace"], work
assert work["text"] == "at work now" and work["_text"] == "mine"
assert (work["n"], work["f"], work["nan"], work["inf"]) == (1, 2.5, "nan", "-inf")
assert work["bad"] == "a\ufffd\ufffd\ufffdb", work["bad"]
assert work["ctl"] == "x\n\x1b[31m\x9b\u202e" and work["list"] == [1, [2]]
assert work["map"] == {"b": 1, "true": 2, "a": work["actor"]}
assert work["secret"] == "<secret>" and "fails" in work["a b"]
keys = [k for k in work if k not in
        ("time", "level", "actor", "kind", "trace", "text")]
assert keys == sorted(keys, key=lambda k: k.lstrip("_")), keys
crash = all[1]
assert crash["level"] == "error" and crash["code"] == "crash", crash
assert crash["message"].endswith("bad \n thing"), crash
assert crash["line"] == 8 and "on.work" in crash["stack"], crash
assert crash["handling"].startswith("work(<secret>) from <main#1>")
assert crash["restart"], crash
end = all[-1]
assert end["actor"] == "<main#1>" and "main fails" in end["message"], end
P
