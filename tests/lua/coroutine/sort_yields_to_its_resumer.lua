-- A comparator or a gsub callback may yield, also to a coroutine of the script.
local co = coroutine.wrap(function()
  local t = { 3, 1, 2 }
  table.sort(t, function(a, b) coroutine.yield("cmp") return a < b end)
  local s = ("ab"):gsub(".", function(c) return coroutine.yield(c) end)
  return table.concat(t, " "), s
end)
local v, s = co()
while v == "cmp" do v, s = co() end
print(v)              -- expect: a
print(co("x"))        -- expect: b
print(co("y"))        -- expect: 1 2 3	xy
