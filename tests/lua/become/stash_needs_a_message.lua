local akt = require "akt"
print(select(2, akt.try(akt.stash)).code)  -- expect: no_message
print(akt.unstash(), akt.unstash_all())    -- expect: 0	0
