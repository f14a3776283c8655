-- seeds: 5
-- Events, transitions, enter and exit, replies, and what holds in any state.
local akt = require "akt"
local Door = akt.fsm {
  name = "door",
  initial = "closed",
  init = function(self, owner) self.owner, self.log = owner, {} end,
  any = {
    log = function(self) return nil, self.state, table.concat(self.log, " ") end,
    owner = function(self) return nil, self.owner end,
  },
  states = {
    closed = {
      enter = function(self, from) table.insert(self.log, (from or "") .. ">closed") end,
      exit = function(self, to) table.insert(self.log, "closed>" .. to) end,
      open = function(_, by) return "open", "opened by " .. by end,
      lock = "locked",
    },
    open = { close = "closed", again = "open", enter = function(self) table.insert(self.log, "in") end },
    locked = { unlock = "closed" },
  },
}
local door = akt.spawn(Door, "ann")
print(door:ask("owner"))                 -- expect: ann
print(door:ask("open", "bob"))           -- expect: opened by bob
door:send("again")
print(select(2, akt.try(akt.ask, door, "unlock")).code)  -- expect: unknown_message
door:send("close")
print(door:ask("log"))                   -- expect: closed	>closed closed>open in in open>closed
print(akt.stats().dead_letters.unknown_message)  -- expect: 1
