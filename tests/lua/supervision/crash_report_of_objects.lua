-- The code of an error object stands in the report; what is no string is shown
-- as well as it can be.
local akt = require "akt"

local W = akt.actor "w"
function W.on:object() error({ code = "disk", message = "disk is full", left = 0 }) end
function W.on:number() error(42, 0) end
function W.on:none() error(nil) end
function W.on:odd() error(setmetatable({}, { __tostring = function() return "odd one" end })) end
function W.on:hook() error(setmetatable({}, { __tostring = function() error("again") end })) end

for _, tag in ipairs { "object", "number", "none", "odd", "hook" } do
  local _, err = akt.try(akt.ask, akt.spawn(W), tag)
  print(err.code, err.reason.message, err.reason.error and err.reason.error.left)
end
-- expect: crash	disk is full	0
-- expect: crash	42	nil
-- expect: crash	error(nil)	nil
-- expect: crash	odd one	nil
-- expect: crash	(an error that is a table whose __tostring fails)	nil
-- expect-err: error[disk]: <w#5> crashed in on.object
-- expect-err: crash_report_of_objects.lua:6: disk is full
-- expect-err: error[crash]: <w#6> crashed in on.number
-- expect-err: : 42
-- expect-err: error(nil)
-- expect-err: odd one
-- seeds: 5
