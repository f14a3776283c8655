-- seeds: 5
local akt = require "akt"
local R = akt.actor "r"
function R.on:nothing() end
function R.on:empty() akt.reply() return 1 end
local r = akt.spawn(R)
print(select("#", r:ask("nothing")), select("#", r:ask("empty"))) -- expect: 0	0
