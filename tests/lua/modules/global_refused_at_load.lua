-- exit: 1
-- expect-err: global_refused_at_load.lua:5: assigns the global 'count', but globals are read-only: declare it local
local _ = print("not run")
local function f()
  count = 1
end
