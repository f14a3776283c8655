local akt = require "akt"
print(select(2, akt.try(akt.when, 1, print, print)).code)   -- expect: bad_argument
print(select(2, akt.try(akt.when, "a", print)).code)        -- expect: bad_argument
print(select(2, akt.try(akt.receive, "x")).code)            -- expect: bad_argument
print(select(2, akt.try(akt.receive, {}, -1)).code)         -- expect: bad_argument
