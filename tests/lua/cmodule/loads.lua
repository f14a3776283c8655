-- A module written in C is loaded by `require` and finds Lua's C API in aktvm.
package.cpath = os.getenv("AKT_TEST_CPATH") .. ";" .. package.cpath
local mod = require "aktmod"
print(mod.describe(20, 22)) -- expect: 42
