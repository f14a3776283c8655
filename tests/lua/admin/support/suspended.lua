-- One actor that is suspended, and one that is passivated.
local akt = require "akt"
local S = akt.actor "s"
function S.on:crash() error { code = "bad", message = "bad" } end
local s = akt.spawn_opt({ name = "s", on_error = { bad = "suspend" } }, S)
akt.try(akt.ask, s, "crash")
local P = akt.actor "p"
P.passivate = { messages = 1 }
function P.on:go() end
function P:idle() return "kept" end
function P:wake() end
akt.spawn_opt({ name = "p" }, P):ask("go")
while akt.info("p").state ~= "passivated" do akt.sleep(0.01) end
akt.after(600, "never")
print("ready")
akt.receive {}
