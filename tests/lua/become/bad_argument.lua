local akt = require "akt"
print(select(2, akt.try(akt.become, 1)).code)  -- expect: bad_argument
akt.unbecome() -- nothing to go back from
