-- Main waits for what can never come: reported with its line.
local akt = require "akt"
print("waits") -- expect: waits
akt.receive{ never = print }
-- exit: 1
-- expect-err: error[stuck]: <main#1>
-- expect-err: main_is_stuck.lua:4
