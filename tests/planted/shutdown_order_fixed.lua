-- The worker waits until its line is written, and main for the worker.
local akt = require "akt"
local Log = akt.actor "log"
function Log:init(main) self.main, self.lines = main, 0 end
function Log.on:line() self.lines = self.lines + 1 end
function Log:terminate() self.main:send("lines", self.lines) end
local Worker = akt.actor "worker"
function Worker:init(log) self.log = log end
function Worker:terminate() self.log:ask("line") end

local log = akt.spawn(Log, akt.self())
local worker = akt.spawn(Worker, log)
akt.monitor(worker)
akt.stop(worker)
akt.receive{ down = function() end }
akt.stop(log)
assert(akt.receive{ lines = function(n) return n end } == 1,
       "the last line is lost")
