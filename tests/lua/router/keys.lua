-- The key function runs in the sender, from its own code; what it cannot do is
-- an error at the send, and the message is not sent.
local akt = require "akt"
local W = akt.actor "worker"
function W.on:get(x) return akt.self() end

local factor = 10
local r = akt.router {
  strategy = "consistent_hash", kind = W, size = 5,
  key = function(tag, x)
    if x == "wait" then akt.sleep(1) end
    if x == "error" then error("no key for you", 0) end
    return type(x) == "number" and x * factor or x
  end,
}
print(r:ask("get", 7) == r:ask("get", 7.0))      -- expect: true
print(r:ask("get", true) == r:ask("get", true))  -- expect: true
print(r:ask("get", r) == r:ask("get", r))        -- expect: true
for _, bad in ipairs { "wait", "error", {} } do
  local _, err = akt.try(akt.ask, r, "get", bad)
  print(err.code, (err.message:gsub("^.-:%d+: ", "")))
end
-- expect: cannot_wait	sleep cannot wait here: it is called from inside a C function or a metamethod that cannot be suspended
-- expect: error	no key for you
-- expect: bad_key	the key of a message is a string, a number, a boolean or a pid, not table
local _, err = akt.try(akt.send, r, "get")
print(err.code, err.message:match(":(%d+): "))   -- expect: bad_key	26
-- flags: --sim
-- seeds: 5
