-- flags: --sim --seed 7
-- init that asks the parent, which waits for it, is a circle too.
local akt = require "akt"
local Child = akt.actor "child"
function Child:init(parent) parent:ask("help") end
local Parent = akt.actor "parent"
function Parent.on:go() return akt.try(akt.spawn, Child, akt.self()) end
function Parent.on:help() end
local start = akt.clock()
local _, err = akt.spawn(Parent):ask("go")
print(err.code, err.message:match("waits for") or err.message) -- expect: init_failed	waits for
print(akt.clock() - start < 1)  -- expect: true
