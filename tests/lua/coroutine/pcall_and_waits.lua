-- flags: --sim --seed 7
local akt = require "akt"
local Echo = akt.actor "echo"
function Echo.on:same(x) return x end
local e = akt.spawn(Echo)
print(pcall(function() return e:ask("same", 1) end))             -- expect: true	1
print(pcall(pcall, function() akt.sleep(1) error("x", 0) end))   -- expect: true	false	x
print(xpcall(function() akt.sleep(1) error("x", 0) end, function(m) return "h:" .. m end))
-- expect: false	h:x
print(pcall(coroutine.wrap(function() akt.sleep(1) error("y", 0) end))) -- expect: false	y
local co = coroutine.create(function() akt.sleep(1) error({ code = "z" }) end)
local ok, err = coroutine.resume(co)
print(ok, err.code, coroutine.status(co), (coroutine.close(co)))
-- expect: false	z	dead	false
