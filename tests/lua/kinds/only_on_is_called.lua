-- Only functions in `on` can be called by message.
local akt = require "akt"
local K = akt.actor "k"
function K:secret() print("secret") end
function K:init() end
local k = akt.spawn(K)
for _, tag in ipairs{ "secret", "init", "on", "__index" } do
  print(select(2, akt.try(akt.ask, k, tag)).code)
end
-- expect: unknown_message
-- expect: unknown_message
-- expect: unknown_message
-- expect: unknown_message
