-- flags: --sim
-- seeds: 5
-- The time limit of init, at the first start and at a restart.
local akt = require "akt"
local W = akt.actor "w"
function W:init(seconds) akt.sleep(seconds) end
function W.on:crash() error "now" end -- expect-err: now
function W.on:ping() return "pong" end
local function spawn(opts, seconds)
  local t = akt.clock()
  local w, err = akt.try(akt.spawn_opt, opts, W, seconds)
  local took = math.floor(akt.clock() - t + 0.5)
  if not w then return err.code, took end
  return "started", took, w
end
print(spawn({}, 6)) -- expect: init_failed	5
print(spawn({ init = { timeout = "2s" } }, 3)) -- expect: init_failed	2
print(spawn({ init = { timeout = 2, retries = 2, backoff = { 1, 1 } } }, 3)) -- expect: init_failed	8
local s, took, w = spawn({ init = { timeout = "1m" }, restart = "transient" }, 50)
print(s, took) -- expect: started	50
w:send "crash"
akt.sleep(49)
print(akt.info(w).state) -- expect: starting
akt.within(10, function() print(w:ask "ping") end) -- expect: pong
local _, err = akt.try(akt.spawn_opt, { init = { timeout = 1 } }, W, 2)
print((err.message:match("spawn: .*"))) -- expect: spawn: init took too long
