-- seeds: 5
-- A crash report names what caused the message that crashed its actor.
-- expect-err: error[crash]: <worker#
-- expect-err: message  job("x") from <middle#
-- expect-err: trace    00000000000000ab  job from <middle#
-- expect-err: <- start from <main#1>
-- expect-err: trace    
-- expect-err: job from <starter#
-- expect-err: <- spawn from <main#1>
-- expect-err: on.job
-- expect-err: <- a_rather_long_t... from <main#1>
local akt = require "akt"

local Worker = akt.actor "worker"
function Worker.on:job(x) error("bad job " .. x) end
local function worker() return akt.spawn_opt({ restart = "temporary" }, Worker) end

local Middle = akt.actor "middle"
function Middle.on:start(w) return akt.try(akt.ask, w, "job", "x") end
Middle.on.a_rather_long_tag = Middle.on.start

local Starter = akt.actor "starter"
function Starter:init(w) akt.try(akt.ask, w, "job", "y") end

akt.with_trace("ab", function() akt.spawn(Middle):ask("start", worker()) end)
akt.spawn(Starter, worker())
akt.spawn(Middle):ask("a_rather_long_tag", worker())
