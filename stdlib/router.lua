-- SPDX-License-Identifier: MIT
--
-- stdlib/router.lua: the kind of akt.router's actors. A router supervises its
-- routees and keeps the list that its senders choose from (vm/route.h); what
-- it does is in stdlib/_router.lua.
--
-- Its handlers reach akt through require, because they travel as a code image.

local akt = require "akt"

local Router = akt.actor "akt.router"

function Router:init(spec) require("akt")._router("init", self, spec) end

function Router:down(_, pid) require("akt")._router("down", self, pid) end

-- What came another way than from a sender that looks: it is passed on.
function Router:unknown(...) return require("akt")._router("pass", ...) end

Router.on["$resize"] = function(self, n)
  return require("akt")._router("set_size", self, n)
end

Router.on["$children"] = function() return require("akt").children() end

return Router
