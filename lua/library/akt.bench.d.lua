---@meta akt.bench
-- SPDX-License-Identifier: MIT
--
-- Annotations of the module akt.bench: local bench = require "akt.bench". The
-- guide is docs/bench.md.

---@class akt.bench.options
---@field count? number operations of one call of fn, default 1
---@field time? number seconds of measuring, default 1 or --time
---@field warm_up? number seconds before that, default 0.2 or --warm-up

---Calls `fn` again and again in the calling actor, and prints how long it takes.
---Raises `bad_argument`, `bad_option`, `not_simulated`, and what `fn` raises.
---@class akt.bench
---@overload fun(name: string, fn: fun(), options?: akt.bench.options)
local bench = {}

return bench
