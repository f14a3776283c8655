local akt = require "akt"
local what = ...
local effects = {
  function() akt.spawn(function() end) end,
  function() akt.send("nobody", "x") end,
  function() akt.ask("nobody", "x") end,
  function() akt.register("me") end,
  function() akt.after(1, "x") end,
  function() akt.monitor(akt.self()) end,
  function() akt.stop(akt.self()) end,
  function() akt.exit(1) end,
}
local codes = {}
for i, f in ipairs(effects) do
  local ok, err = akt.try(f)
  codes[i] = ok == nil and err and err.code or "none"
end
return codes
