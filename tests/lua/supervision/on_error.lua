-- seeds: 5
-- on_error decides by the error's code before the restart type does; "*" is
-- every other code. resume keeps the state.
local akt = require "akt"

local W = akt.actor "w"
function W:init() self.n = 0 end
function W.on:fail(code)
  self.n = self.n + 1
  error({ code = code, message = "failed" })
end
function W.on:raise() self.n = self.n + 1 error("a plain string") end
function W.on:get() return self.n, akt.info().restarts end

local function try(opts, tag, ...)
  local w = akt.spawn_opt(opts, W)
  local _, err = akt.try(akt.ask, w, tag, ...)
  local n, restarts = akt.try(akt.ask, w, "get")
  print(err.code, n or "ended", n and restarts)
end

local policy = { soft = "resume", hard = "restart", fatal = "stop", ["*"] = "resume" }
try({ on_error = policy }, "fail", "soft")  -- expect: crash	1	0
try({ on_error = policy }, "fail", "hard")  -- expect: crash	0	1
try({ on_error = policy, restart = "permanent" }, "fail", "fatal")
-- expect: crash	ended	nil
try({ on_error = policy }, "fail", "other") -- expect: crash	1	0
try({ on_error = policy }, "raise")         -- expect: crash	1	0
try({ on_error = { error = "restart" } }, "raise")       -- expect: crash	0	1
try({ on_error = { soft = "resume" } }, "fail", "other") -- expect: crash	ended	nil
