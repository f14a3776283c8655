local akt = require "akt"
local function code(name)
  local _, err = akt.try(require, name)
  print(err.code, (err.message:gsub("\n.*", "")))
end
code("support.bad_syntax")
code("support.sets_global")
code("support.fails")
code("no.such.module")
-- expect: bad_module	tests/lua/modules/errors.lua:3: module 'support.bad_syntax': tests/lua/modules/support/bad_syntax.lua:1: unexpected symbol near '='
-- expect: bad_module	tests/lua/modules/errors.lua:3: module 'support.sets_global': tests/lua/modules/support/sets_global.lua:1: assigns the global 'x', but globals are read-only: declare it local
-- expect: error	tests/lua/modules/support/fails.lua:1: at load
-- expect: not_found	tests/lua/modules/errors.lua:3: module 'no.such.module' not found:
print(select(2, akt.try(require, 1)).code)     -- expect: bad_argument
print(require "support.no_value" == true)      -- expect: quiet
-- expect: true
print(pcall(require, "support.fails") == false, package.loaded["support.fails"]) -- expect: true	nil
