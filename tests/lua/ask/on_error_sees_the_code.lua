-- seeds: 5
-- ... so that its supervisor can act on the code.
local akt = require "akt"
local Caller = akt.actor "caller"
function Caller:init() self.n = 0 end
function Caller.on:go() self.n = self.n + 1; akt.ask("nobody", "x") end
function Caller.on:get() return self.n end
local c = akt.spawn_opt({ on_error = { noproc = "resume" } }, Caller)
c:send("go")
c:send("go")
print(c:ask("get"))  -- expect: 2
-- expect-err: resumed
