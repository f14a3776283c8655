-- When main's text has run to the end it stays as the idle parent of what it
-- has spawned; messages to it are dead letters `finished`, asks fail.
-- flags: --sim --seed 1
local akt = require "akt"

local main = akt.self()
local W = akt.actor "w"
function W:init() akt.after(1, "check") end
function W.on:check()
  print(akt.alive(main), akt.parent() == main, akt.info(main).state)
  -- expect: true	true	finished
  main:send("hello")
  local _, err = akt.try(akt.ask, main, "hello")
  print(err.code)                          -- expect: noproc
  print(akt.stats().dead_letters.finished) -- expect: 2
end
function W:terminate(reason) print("terminate", reason) end
-- expect: terminate	shutdown
akt.spawn(W)
