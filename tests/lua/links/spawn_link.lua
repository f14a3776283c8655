-- seeds: 5
local akt = require "akt"

akt.trap_exit(true)
local p = akt.spawn_link(function() error({ code = "oops" }) end)
local tag, who, reason = akt.receive()
print(tag, who == p, reason.code, reason.error.code)
-- expect: exit	true	crash	oops
p = akt.spawn_opt({ link = true }, function() end)
tag, who, reason = akt.receive()
print(tag, who == p, reason) -- expect: exit	true	normal
