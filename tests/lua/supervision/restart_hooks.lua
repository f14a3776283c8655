-- seeds: 5
-- pre_restart gets the reason and the message that crashed the actor and runs
-- on the old state, post_restart on the new one. terminate does not run.
local akt = require "akt"

local main = akt.self()
local W = akt.actor "w"
function W:init(x) self.x = x self.log = { "init" } end
function W.on:job(...) self.x = "old" error("bad job", 0) end
function W:pre_restart(reason, tag, ...)
  main:send("pre", self.x, reason.message, tag, ...)
end
function W:post_restart(reason) main:send("post", self.x, reason.message) end
function W:terminate() main:send("terminate") end

local w = akt.spawn_opt({ restart = "transient" }, W, "new")
w:send("job", 1, "two", { 3 })
print(akt.receive { pre = function(x, m, tag, a, b, c)
  return x, m, tag, a, b, c[1]
end })               -- expect: old	bad job	job	1	two	3
print(akt.receive()) -- expect: post	new	bad job
w:stop()
print(akt.receive()) -- expect: terminate
