-- A module in C, in an actor, and in akt.blocking.
local akt = require "akt"
package.cpath = os.getenv("AKT_TEST_CPATH") .. ";" .. package.cpath
local mod = require "aktmod"
print(mod.describe(20, 22))  -- expect: 42
