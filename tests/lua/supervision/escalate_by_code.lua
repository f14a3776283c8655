-- seeds: 5
-- on_error = "escalate": the parent fails; main's end is exit code 1.
-- exit: 1
local akt = require "akt"

local W = akt.actor "w"
function W.on:boom() error({ code = "disk", message = "disk is gone" }) end

local w = akt.spawn_opt({ restart = "permanent", on_error = { disk = "escalate" } }, W)
w:send("boom")
akt.receive()
-- expect-err: error[disk]: <w#5> crashed in on.boom
-- expect-err: disk is gone
-- expect-err: restart  none: escalated to its parent
-- expect-err: <main#1> fails: a child's failure was escalated
