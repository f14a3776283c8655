-- A link to oneself, or to a name, does no harm.
local akt = require "akt"
akt.register("me")
print(akt.link(akt.self()), akt.link("me")) -- expect: true	true
