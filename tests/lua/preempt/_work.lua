-- What the tests of this folder compute: a bit of everything that can be
-- preempted in an odd place. `work(n)` gives the same number every time. It
-- has no __concat: where that grows the stack, Lua 5.4.4 uses the old one
-- (luaV_concat), preempted or not.
local M = {}

local function hash(h, s)
  for i = 1, #s do h = (h * 31 + s:byte(i)) % 2147483647 end
  return h
end

local function numbers(n, seed)
  local t, x = {}, seed
  for i = 1, n do
    x = (x * 1103515245 + 12345) % 2147483648
    t[i] = x % 1000
  end
  return t
end

local point = {}
point.__index = point
point.__add = function(a, b) return setmetatable({ a[1] + b[1] }, point) end
point.__eq = function(a, b) return a[1] == b[1] end
point.__lt = function(a, b) return a[1] < b[1] end
point.__le = function(a, b) return a[1] <= b[1] end
point.__len = function(a) return a[1] end
point.__call = function(a, k) return a[1] * k end
point.__unm = function(a) return setmetatable({ -a[1] }, point) end
point.__tostring = function(a) return "<" .. a[1] .. ">" end
point.__close = function(a) a.log[#a.log + 1] = a[1] end

local function generate(depth, t)
  return coroutine.wrap(function()
    if depth == 0 then
      for _, v in ipairs(t) do coroutine.yield(v) end
    else
      for v in generate(depth - 1, t) do coroutine.yield(v + depth) end
    end
  end)
end

local function deep(n) if n == 0 then return 0 end return 1 + deep(n - 1) end

function M.work(n)
  local h = 7
  for round = 1, n do
    local t = numbers(60, round)
    table.sort(t, function(a, b)
      local ok, r = pcall(function() return a > b end)
      return ok and r
    end)
    h = hash(h, table.concat(t, ","))
    for v in generate(3, t) do h = (h + v) % 2147483647 end
    local points = {}
    for i = 1, 30 do points[i] = setmetatable({ t[i], log = {} }, point) end
    table.sort(points)
    local sum = points[1]
    for i = 2, 30 do sum = sum + points[i] end
    h = hash(h, sum[1] .. tostring(-sum) .. #sum .. sum(3))
    if points[1] <= points[2] then h = h + 1 end
    local log = {}
    for i = 1, 5 do
      local p <close> = setmetatable({ i, log = log }, point)
      local q <close> = setmetatable({ -i, log = log }, point)
    end
    h = hash(h, table.concat(log, ";"))
    h = hash(h, (("abc"):rep(20):gsub("%w", function(c)
      return c == "b" and deep(5) or nil
    end)))
    local co = coroutine.create(function(...)
      local a = select("#", ...)
      while true do
        local ok, e = pcall(error, { a })
        a = a + e[1] + coroutine.yield(a)
        if a > 1000 then error("over " .. a, 0) end
      end
    end)
    local ok, v = true, nil
    while ok do
      ok, v = coroutine.resume(co, 1)
      h = hash(h, tostring(v))
    end
    local fs = {}
    for i = 1, 10 do
      local k = i
      fs[i] = function(d) k = k + d return k end
    end
    for i = 1, 10 do h = h + fs[i](i) + fs[i](deep(50)) end
    local s = {}
    for w in ("the quick brown fox " .. round):gmatch("%w+") do
      s[#s + 1] = ("%q %5.2f %s"):format(w, #w / 3, w:upper())
    end
    h = hash(h, table.concat(s, "|"))
  end
  return h
end

return M
