-- SPDX-License-Identifier: MIT
-- The smallest program: one actor that keeps a number.

local akt = require "akt"

-- A kind describes actors: what they do at their start and which messages they
-- know. Its name is unique in the node.
local Counter = akt.actor "counter"

-- `self` is the private state of one actor; nobody else can reach it.
function Counter:init(n) self.n = n or 0 end

function Counter.on:inc(k) self.n = self.n + (k or 1) end

-- What a handler returns is the reply, if somebody asked.
function Counter.on:get() return self.n end

local c = akt.spawn(Counter, 5)
c:send("inc")                   -- tell: returns at once
c:send("inc", 2)
print(c:ask("get"))             -- ask: waits for the reply; prints 8

-- Nothing can happen any more, so the program ends.
