-- SPDX-License-Identifier: MIT
--
-- stdlib/_upgrade.lua: runs `Kind:upgrade(from)` on a deep copy of an actor's
-- state, so that an error leaves the old state as it was. In Lua, so that a
-- large state can be preempted while it is copied.
--
-- Gets `core`; returns the function that the host calls.

local core = ...

local next, type, setmetatable = next, type, setmetatable
local is_named, copy_meta = core.is_named, core.copy_meta

-- Tables are copied, with cycles and shared ones kept; kinds, modules and what
-- else every isolate has, functions, coroutines and userdata are shared.
local function copy(root)
  local copies, work, n = { [root] = {} }, { root }, 1
  local function twin(v)
    if type(v) ~= "table" then return v end
    local c = copies[v]
    if c == nil then
      if is_named(v) then
        c = v
      else
        c, n = {}, n + 1
        work[n] = v
      end
      copies[v] = c
    end
    return c
  end
  while n > 0 do
    local from = work[n]
    work[n], n = nil, n - 1
    local to = copies[from]
    for k, v in next, from do to[twin(k)] = twin(v) end
    if from ~= root then copy_meta(from, to) end
  end
  return copies[root]
end

return function(upgrade, self, meta, from)
  local new = setmetatable(copy(self), meta)
  upgrade(new, from)
  return new
end
