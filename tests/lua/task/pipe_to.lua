-- flags: --sim
-- seeds: 5
-- Results, or a failure, become a message.
local akt = require "akt"
local me = akt.self()
local A = akt.actor "a"
function A.on:go(to)
  akt.pipe_to(to, "sum", function(a, b) akt.sleep(0.001) return a + b, nil, "x" end, 1, 2)
end
function A.on:bad(to) akt.pipe_to(to, "bad", function() error { code = "mine", message = "m", n = 1 } end) end
function A.on:unsendable(to) akt.pipe_to(to, "fun", function() return print end) end
function A.on:none(to) akt.pipe_to(to, "none", function() end) end
local a = akt.spawn(A)
a:send("go", me)
print(akt.receive(5))                    -- expect: sum	3	nil	x
a:send("bad", me)
local tag, none, err = akt.receive(5)
print(tag, none, err.code, err.n)        -- expect: bad	nil	mine	1
a:send("unsendable", me)
tag, none, err = akt.receive(5)
print(tag, none, err.code)               -- expect: fun	nil	bad_message
a:send("none", me)
print(akt.receive(5))                    -- expect: none
print(akt.alive(a))                      -- expect: true
akt.pipe_to(me, "own", function() return akt.self() == me end)
print(akt.receive(5))                    -- expect: own	true
