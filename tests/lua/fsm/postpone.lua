-- seeds: 5
-- What a state postpones waits for the next one, in order and with its asker.
local akt = require "akt"
local Conn = akt.fsm {
  name = "conn", initial = "connecting",
  init = function(self) self.sent = {} end,
  states = {
    connecting = { postpone = { "put" }, up = "connected" },
    connected = { put = function(self, x)
      table.insert(self.sent, x)
      return nil, table.concat(self.sent, " ")
    end },
  },
}
local c = akt.spawn(Conn)
local fs = {}
for i = 1, 3 do fs[i] = akt.async(c, "put", i) end
c:send("up")
fs[4] = akt.async(c, "put", 4)
for i = 1, 4 do print(fs[i]:wait()) end
-- expect: 1
-- expect: 1 2
-- expect: 1 2 3
-- expect: 1 2 3 4
