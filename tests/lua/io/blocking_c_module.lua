-- Modules are loaded anew in the thread's own state.
local akt = require "akt"
local path = os.getenv("AKT_TEST_CPATH")
print(akt.blocking(function(path)
  package.cpath = path
  return require("aktmod").describe(20, 22)
end, path))            -- expect: 42
