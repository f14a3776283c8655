-- SPDX-License-Identifier: MIT
-- A turn that sits in a C function: actor, handler, function and line are
-- told while it sits there.
-- expect-err: warning[long_turn]: <spinner#
-- expect-err: in on.spin and cannot be preempted: tests/lua/watchdog/long_turn_in_c.lua:17, in the C function 'spin'
-- flags: --long-turn 400
-- skip-tsan: the hook that counts instructions, in use there, does not see it
local akt = require "akt"

local Spinner = akt.actor "spinner"

function Spinner:init() -- a turn of its own: loading may take long too
  package.cpath = os.getenv("AKT_TEST_CPATH")
  self.spin = require("aktmod").spin
end
function Spinner.on:spin()
  self.spin(1)
end

akt.spawn(Spinner):ask("spin")
