-- A restart drops self, become-state, timers, children, its own asks and
-- monitors; who asked gets `crash`.
-- flags: --sim --seed 1
local akt = require "akt"

local main = akt.self()
local Child = akt.actor "child"
function Child:init(n) self.n = n end
function Child:terminate(reason) main:send("child ended", self.n, reason) end
function Child.on:slow() akt.sleep(10) return "answer" end

local W = akt.actor "w"
function W:init(n) self.n = n end
function W:pre_restart(reason) main:send("pre_restart", self.n, reason.code) end
function W:terminate() main:send("terminate") end
function W:post_restart(reason) main:send("post_restart", self.n, reason.code) end
function W:down() main:send("down of a dropped monitor") end
function W.on:prepare(other)
  self.n = self.n + 100
  akt.monitor(other)
  akt.after(1, "tick")
  akt.every(1, "tick")
  akt.spawn(Child, 1)
  akt.spawn(Child, 2)
  self.token = akt.defer()
  akt.become({ boom = function() error("bang", 0) end,
               tick = function() main:send("tick") end })
end
function W.on:tick() main:send("tick") end
function W.on:get() return self.n, #akt.children() end

local other = akt.spawn(Child, 3)
local w = akt.spawn_opt({ restart = "permanent" }, W, 5)
local deferred = w:async("prepare", other)
local crashing = w:async("boom")
for _ = 1, 4 do print(akt.receive()) end
-- expect: child ended	2	shutdown
-- expect: child ended	1	shutdown
-- expect: pre_restart	105	crash
-- expect: post_restart	5	crash
for _, f in ipairs { deferred, crashing } do
  local _, err = akt.try(f.wait, f)
  print(err.code)
end
-- expect: crash
-- expect: crash
print(w:ask("get")) -- expect: 5	0
other:stop()
print(akt.receive()) -- expect: child ended	3	normal
print(select(2, akt.try(akt.receive, 10)).code) -- expect: timeout
