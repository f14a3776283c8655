-- Methods with a wrong self, and functions with wrong arguments, are errors
-- of the caller.
local akt = require "akt"
local me = akt.self()
local K = akt.actor "k"
function K.on:x() end
local pid = akt.spawn(K)
local f = akt.async(pid, "x")
local t = akt.after(1000, "x")
local ref = akt.monitor(pid)
local values = {
  nil, false, true, 0, -1, 1.5, 0 / 0, math.huge, math.mininteger, "", "x",
  "\0", ("x"):rep(300), {}, { {} }, type, function() end,
  coroutine.create(print), io.stdout, me, pid, f, t, ref, K,
}
local count = 25
local skip = { exit = true, _start_child = false }
local names, called = {}, 0
for name, fn in pairs(akt) do
  if type(fn) == "function" and not skip[name] then names[#names + 1] = name end
end
table.sort(names)
-- what a call may do for good, done to this actor, is not part of this test
local harmless = { stop = true, kill = true, sleep = true, receive = true,
  link = true, trap_exit = true, spawn_link = true, ask = true,
  become = true, on_shutdown = true, restart = true, defer = true,
  task = true, pipe_to = true, pipe_to_opt = true }
for _, name in ipairs(names) do
  if not harmless[name] then
    for i = 1, count do
      pcall(akt[name], values[i])
      pcall(akt[name], values[i], values[count + 1 - i])
      pcall(akt[name], me, values[i], values[i])
      called = called + 3
    end
    pcall(akt[name])
  end
end
for _, v in ipairs { false, 1, "x", {}, print, me, f, t, io.stdout } do
  for _, m in ipairs { "send", "ask", "async", "alive", "cancel", "reply" } do
    if not (v == me and m == "ask") then pcall(pid[m], v, "x") end
  end
  pcall(f.wait, v)
  pcall(f.done, v)
  pcall(akt.all, v)
  pcall(akt.first, v)
end
pcall(f.wait)
pcall(pid.send)
for _, name in ipairs { "stop", "kill", "link", "restart" } do
  for i = 1, 19 do pcall(akt[name], values[i] or false) end
end
for i = 1, 14 do
  pcall(akt.receive, values[i] or "s", 0)
  pcall(akt.receive, { x = values[i] }, 0)
  pcall(akt.within, values[i], print == nil)
  pcall(akt._start_child, values[i])
  pcall(akt._start_child, { code = values[i], opts = {}, args = {} })
  pcall(akt._start_child, { code = { kind = values[i] }, opts = {}, args = {} })
  pcall(akt._start_child, { code = { image = values[i] }, opts = {}, args = {} })
  pcall(akt._stop_child, values[i])
  pcall(akt.spawn_opt, { memory = values[i] }, K)
  pcall(akt.spawn_opt, { name = values[i] }, K)
  pcall(akt.spawn_opt, { shutdown = values[i] }, K)
  pcall(akt.spawn_opt, { mailbox = values[i] }, K)
  pcall(akt.spawn_opt, { mailbox = { max = values[i], full = values[i] } }, K)
  pcall(akt.spawn_opt, { supervise = { backoff = { values[i] } } }, K)
  pcall(akt.spawn_opt, { on_error = { x = values[i] } }, K)
  pcall(akt.spawn_opt, { restart = values[i] }, K)
end
assert(called > 500)
print("alive", #names > 40) -- expect: alive	true
akt.exit()
