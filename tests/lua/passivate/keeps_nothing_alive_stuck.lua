-- seeds: 5
-- exit: 1
-- expect-err: error[stuck]
-- A main that waits for ever is found all the same.
-- timeout: 10
local akt = require "akt"
local K = akt.actor "k"
K.passivate = { after = "1h" }
akt.spawn(K)
akt.receive {}
