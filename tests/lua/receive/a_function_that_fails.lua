-- seeds: 5
-- The function fails: who asked gets `crash`; the process may go on.
local akt = require "akt"
local p = akt.spawn(function()
  local ok, why = pcall(akt.receive, { get = function() error("no", 0) end })
  local sender = akt.sender() -- nobody's message is being handled
  akt.receive{ get = function() return ok, why, sender end }
  akt.receive{ get = function() error({ code = "end" }) end }
end)
local _, err = akt.try(akt.ask, p, "get")
print(err.code, err.reason.message)            -- expect: crash	no
print(p:ask("get"))                            -- expect: false	no	nil
_, err = akt.try(akt.ask, p, "get")
print(err.code, err.reason.error.code)         -- expect: crash	end
-- expect-err: error[end]
-- expect-err: message  get() from <main#1>
