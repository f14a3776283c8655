local akt = require "akt"
local function refused(options)
  local _, err = akt.try(akt.evict, options)
  return err.code, (err.message:gsub("^.-:%d+: ", ""))
end
print(refused {}) -- expect: bad_option	evict needs max_actors or max_bytes; false ends it
print(refused { max_actor = 1 }) -- expect: bad_option	evict has no option "max_actor"; did you mean "max_actors"?
print(refused { max_actors = 1, policy = "fifo" }) -- expect: bad_option	policy must be one of "lru", "lfu", "mru", not "fifo"
print(refused { max_actors = 1, share = 0 }) -- expect: bad_option	evict share must be a number over 0, up to 1
print(refused { max_bytes = 100 }) -- expect: bad_option	evict max_bytes must be at least 256kB, like "32MB"
print((refused(true))) -- expect: bad_option
akt.evict(false)
-- an eviction in force does not keep the program alive
akt.evict { max_actors = 1000 }
