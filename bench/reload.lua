-- SPDX-License-Identifier: MIT
-- reload [actors]: the time of a hot reload until every actor runs the new
-- version, without `upgrade` (its state stays where it is) and with (it works
-- on a copy). The kind captures the time at which it was defined, so it is
-- another one whenever the script is read.

local akt = require "akt"

local actors = tonumber(akt.args[1]) or 10000
local defined = akt.now()

local Plain = akt.actor "reload_plain"
function Plain:init(n) self.n = n end
function Plain.on:get() return defined end

local Upgraded = akt.actor "reload_upgraded"
function Upgraded:init(n) self.n, self.list = n, { n } end
function Upgraded:upgrade() self.upgraded = true end
function Upgraded.on:get() return defined end

local function measure(name, kind)
  local last
  for i = 1, actors do last = akt.spawn(kind, i) end
  local before, start = last:ask("get"), akt.clock()
  local report = assert(akt.reload(kind))
  local took = akt.clock() - start
  assert(report.kinds[1].switched == actors and last:ask("get") ~= before)
  print(string.format("%s  %.2f ms", name, took * 1000))
end

measure("reload", Plain)
measure("reload.upgrade", Upgraded)
akt.exit(0)
