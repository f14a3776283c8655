-- seeds: 5
-- What is queued, stashed or deferred at an end: asks fail with noproc at
-- once, all are dead letters `stopped`.
local akt = require "akt"

local main = akt.self()

local W = akt.actor "w"
function W.on:stash() akt.stash() end
function W.on:defer() self.token = akt.defer() end
function W.on:wait()
  main:send("waits")
  akt.receive { go = function() end }
end

local w = akt.spawn(W)
local stashed, deferred = w:async("stash"), w:async("defer")
w:send("wait")
print((akt.receive())) -- expect: waits
local queued = w:async("defer")
w:stop()
w:send("go")
for _, f in ipairs { stashed, deferred, queued } do
  local _, err = akt.try(f.wait, f)
  print(err.code)
end
-- expect: noproc
-- expect: noproc
-- expect: noproc
