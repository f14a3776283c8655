-- While a module loads it may not have effects.
local codes = require "support.effect"
for _, code in ipairs(codes) do print(code) end
-- expect: effect_at_load
-- expect: effect_at_load
-- expect: effect_at_load
-- expect: effect_at_load
-- expect: effect_at_load
-- expect: effect_at_load
-- expect: effect_at_load
-- expect: effect_at_load
local akt = require "akt"
local _, err = akt.try(require, "support.uncaught_effect")
print(err.code, err.message:match("uncaught_effect.lua:2: send is not allowed while a module loads"))
-- expect: effect_at_load	uncaught_effect.lua:2: send is not allowed while a module loads
print(akt.send("nobody", "x"))   -- expect: nil	noproc
