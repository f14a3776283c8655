-- SPDX-License-Identifier: MIT
--
-- stdlib/node.lua: the kind of the actor "akt.node", which serves other nodes:
-- it spawns what they ask for, and finds names. What it does is in
-- stdlib/_remote.lua. Its handlers reach akt through require, because they
-- travel as a code image.

local akt = require "akt"

local Node = akt.actor "akt.node"
Node.reentrant = true

function Node.on:spawn(...) return require("akt")._remote("serve_spawn", ...) end

function Node.on:whereis(name) return (require("akt").whereis(name)) end

function Node.on:alive(pid) return (require("akt").alive(pid)) end

function Node.on:ping() return true end

function Node:unknown() end -- of a newer node

return Node
