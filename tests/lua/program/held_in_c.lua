-- SPDX-License-Identifier: MIT
-- A turn in C that never ends does not keep the program from ending.
-- exit: 3
-- expect-err: error[stuck]: a turn in C does not end
-- flags: --workers 2 --long-turn 60000
local akt = require "akt"

local Holder = akt.actor "holder"

function Holder:init()
  package.cpath = os.getenv("AKT_TEST_CPATH")
  self.wait_for = require("aktmod").wait_for
end
function Holder.on:hold(main)
  main:send("holds")
  self.wait_for(os.getenv("AKT_TEST_TMP") .. "/never")
end

akt.spawn(Holder):send("hold", akt.self())
akt.receive { holds = function() end }
print("bye")                   -- expect: bye
akt.exit(3)
