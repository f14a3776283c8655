-- A program that uses all of the toolkit and shows whatever could differ
-- between two runs of one seed: ids, clocks, orders, figures.
local akt = require "akt"

-- In the order of pairs: it is part of what must be the same.
local function text(v, depth)
  if type(v) ~= "table" or depth == 0 then return tostring(v) end
  local out = {}
  for k, x in pairs(v) do
    out[#out + 1] = tostring(k) .. "=" .. text(x, depth - 1)
  end
  return "{" .. table.concat(out, " ") .. "}"
end

local function show(what, ...)
  local out = { string.format("%.6f %s", akt.clock(), what) }
  for i = 1, select("#", ...) do out[#out + 1] = text((select(i, ...)), 4) end
  print(table.concat(out, " "))
end

local function attempt(what, f, ...) show(what, akt.try(f, ...)) end

-- 200 draws long, so that a slice may end in it.
local function work()
  local n = 0
  for _ = 1, math.random(200) do n = n + math.random(9) end
  return n
end

local function events()
  akt.spawn_opt({ name = "listener" }, function()
    local seen = {}
    akt.events.subscribe{ severity = "trace" }
    akt.receive{ stop_listening = function() end,
      event = function() end }
    while true do
      local e = akt.receive{ event = function(e) return e end,
        report = function() return false end }
      if not e then break end
      seen[#seen + 1] = e.type .. tostring(e.pid) .. tostring(e.trace)
    end
    show("events", #seen, table.concat(seen, " "))
    akt.events.unsubscribe()
  end)
end

local Shop = akt.actor "shop"
Shop.reentrant = { "look", max = 4 }
Shop.mailbox = { max = 200, priority = { urgent = 9 }, ttl = "10s" }
Shop.accepts = { order = { "integer", returns = "integer" } }
function Shop:init() self.seen, self.stock = {}, 10 end
function Shop.on:order(n)
  self.seen[akt.sender()] = akt.trace_id()
  akt.sleep(math.random(5) / 1000)
  self.stock = self.stock - n
  return self.stock
end
function Shop.on:look()
  akt.sleep(math.random(9) / 1000)
  return self.seen, self.stock, akt.info()
end
function Shop.on:urgent() self.stock = self.stock + work() % 3 end
function Shop.on:tasks()
  local futures = {}
  for i = 1, 5 do
    futures[i] = akt.task(function()
      akt.sleep(math.random(3) / 1000)
      return akt.trace_id(), math.random(1000)
    end)
  end
  akt.pipe_to_opt({ within = 0.002 }, akt.sender(), "piped", function()
    akt.sleep(0.003)
  end)
  return text({ akt.all(table.unpack(futures)) }, 2)
end

local function strands()
  local shop = akt.spawn_opt({ name = "shop", monitor = true }, Shop)
  local clients = {}
  for i = 1, 12 do
    local _, ref = akt.spawn_monitor(function()
      work()
      attempt("order", akt.ask, shop, "order", i)
      shop:send("urgent")
      local seen, stock, info = shop:ask("look")
      show("look", seen, stock, info)
    end)
    clients[ref] = i
  end
  while next(clients) do
    akt.receive{ down = function(ref) clients[ref] = nil end }
  end
  show("tasks", shop:ask("tasks"))
  show("piped", akt.receive(1))
  attempt("contract", akt.ask, shop, "order", "no number")
  show("with", akt.with_trace("abc", function() return akt.trace_id() end))
  show("shop", akt.info(shop), akt.stats())
end

local function routers()
  local Worker = akt.actor "worker"
  function Worker:init() self.n = 0 end
  function Worker.on:job(x)
    akt.sleep(math.random(3) / 1000)
    self.n = self.n + x
    return akt.self(), self.n
  end
  for _, strategy in ipairs{ "round_robin", "random", "smallest_mailbox",
    "consistent_hash", "scatter_gather", "tail_chopping", "broadcast" } do
    local r = akt.router{ strategy = strategy, kind = Worker, size = 4,
      interval = strategy == "tail_chopping" and 0.001 or nil,
      key = strategy == "consistent_hash" and
        function(_, x) return x end or nil }
    local waits = {}
    for i = 1, 8 do waits[i] = r:async("job", i) end
    for i = 1, 8 do attempt(strategy, waits[i].wait, waits[i]) end
    r:resize(2)
    show("routees", r:routees())
    r:stop()
  end
end

local function topics()
  local news = akt.topic "news"
  local refs = {}
  for i = 1, 8 do
    local pid, ref = akt.spawn_opt({ monitor = true, mailbox = { max = 2 } },
      function()
        akt.topic("news"):subscribe()
        akt.group.join("readers")
        for _ = 1, 3 do
          show("news", i, akt.receive())
          work()
        end
      end)
    refs[ref] = pid
  end
  akt.sleep(0.01)
  for i = 1, 6 do show("publish", news:publish("item", i, { i })) end
  show("members", akt.group.members "readers", news:stats())
  while next(refs) do
    akt.group.publish("readers", "extra", work())
    akt.try(akt.receive, { down = function(ref) refs[ref] = nil end }, 0.01)
  end
end

local function away()
  local User = akt.actor "user"
  User.passivate = { after = "20ms" }
  function User:init(n) self.n = n end
  function User:idle() return { n = self.n, at = akt.clock() } end
  function User:wake(kept) self.n = kept.n + 1 end
  function User.on:get() return self.n, akt.info() end
  akt.evict{ max_actors = 30, policy = "lfu", every = "10ms" }
  local users = {}
  for i = 1, 40 do users[i] = akt.spawn(User, i) end
  for _ = 1, 60 do
    akt.sleep(math.random(4) / 1000)
    show("user", users[math.random(40)]:ask("get"))
  end
  akt.sleep(1)
  local stats = akt.stats()
  show("away", stats.away, stats.passivated, stats.woken, akt.info(users[1]))
  akt.evict(false)
  for _, u in pairs(users) do u:stop() end
end

local function health()
  local Ill = akt.actor "ill"
  Ill.health = { every = 0.05, timeout = 0.02, fails = 2 }
  function Ill:health()
    if math.random(3) == 1 then return "failed", math.random(100) end
    if math.random(3) == 1 then akt.sleep(0.03) end
    return "ok"
  end
  local ill = akt.spawn_opt({ restart = "permanent" }, Ill)
  for _ = 1, 10 do
    akt.sleep(0.1)
    show("health", akt.info(ill))
  end
  ill:stop()
end

local function classes()
  local refs, order = {}, {}
  for i, class in ipairs{ "low", "normal", "high", "deadline", "low" } do
    for j = 1, 3 do
      local _, ref = akt.spawn_opt({ priority = class, monitor = true,
        cpu = j == 3 and "20%" or nil }, function()
        for _ = 1, 20 do work() end
      end)
      refs[ref] = class .. i .. j
    end
  end
  for _ = 1, 15 do
    akt.receive{ down = function(ref) order[#order + 1] = refs[ref] end }
  end
  show("classes", table.concat(order, " "), akt.stats().preempts)
end

local function resilience()
  local breaker = akt.breaker{ calls = 4, open = 0.05, name = "gate" }
  local limiter = akt.limiter{ rate = 100, burst = 3 }
  for i = 1, 20 do
    limiter:take()
    attempt("breaker", breaker.call, breaker, function()
      akt.sleep(math.random(20) / 1000)
      if math.random(2) == 1 then error("bad luck " .. i) end
      return i
    end)
  end
  show("gates", breaker, breaker:metrics(), limiter, limiter:metrics())
  attempt("retry", akt.retry, { tries = 4, backoff = { 0.01, 0.1 } }, function()
    show("try", akt.now())
    error "never"
  end)
  attempt("saga", akt.saga, function(s)
    s:step(function() return 1 end, function(n) show("undo", n) end)
    s:step(function() error "half way" end)
  end)
end

local function timers()
  akt.cron("*/2 * * * * *", "cron")
  akt.every_opt(0.7, "every", { name = "beat" })
  akt.after(1.1, "after")
  show("timers", akt.timers(), akt.cron_next("0 3 * * *", nil, "Europe/Berlin"))
  for _ = 1, 8 do show("tick", akt.receive()) end
  for _, t in ipairs(akt.timers()) do t.ref:cancel() end
end

local function shared()
  local keys = { [akt.self()] = "me", [1.5] = 2, [true] = 3, list = { 1, 2 } }
  for i = 1, 30 do keys["key" .. i] = i end
  local view = akt.shared("data", keys)
  akt.provide("service", { n = work() })
  akt.spawn_monitor(function()
    show("view", akt.shared_copy(akt.shared "data"), akt.use "service")
    local out = {}
    for k, v in pairs(akt.shared "data") do
      out[#out + 1] = tostring(k) .. tostring(v)
    end
    show("pairs", table.concat(out, " "))
  end)
  akt.receive{ down = function() end }
  show("secret", akt.secret "x", view, { [view] = akt.secret(1) })
end

local function behaviours()
  local Door = akt.fsm{ initial = "shut", states = {
    shut = { open = "ajar", timeout = { 0.05, "ajar" } },
    ajar = { postpone = { "look" }, shut = "shut",
      enter = function() show("ajar") end, timeout = { 0.01, "open" } },
    open = { look = function() return nil, akt.trace_id() end, shut = "shut" },
  } }
  local door = akt.spawn(Door)
  door:send "open"
  show("door", door:ask "look", akt.info(door))
  local Later = akt.actor "later"
  function Later.on:item() akt.stash() end
  function Later.on:open()
    akt.become{ item = function(_, x) show("item", x, akt.sender()) end }
    akt.unstash_all()
  end
  local later = akt.spawn(Later)
  for i = 1, 4 do
    akt.spawn(function() work(); later:send("item", i) end)
  end
  akt.sleep(0.01)
  later:send "open"
  akt.sleep(0.01)
end

local function failures()
  local Child = akt.actor "child"
  function Child.on:fail(why) work(); error{ why = why, [show] = show, {} } end
  akt.supervisor{ name = "top", strategy = "one_for_all", max = 50,
    akt.children_of(3, "child", Child):restart "permanent",
    { "other", Child, restart = "permanent", on_error = { ["*"] = "resume" } } }
  for i = 1, 6 do
    show("fail", akt.try(akt.ask, "child" .. math.random(3), "fail", i))
    show("children", akt.children "top", akt.whereis "child2")
  end
  attempt("other", akt.ask, "other", "fail", 0)
  akt.spawn_monitor(function() error("in a process " .. work()) end)
  show("down", akt.receive())
  akt.log.info{ "a line", pid = akt.self(), n = math.random(1000) }
  for _ = 1, 20 do akt.log.warn "the same line" end
  attempt("blocking", akt.blocking, function(n) return n + 1 end, 41)
  show("node", akt.node(), akt.stats())
end

for _, f in ipairs{ events, strands, routers, topics, away, health, classes,
  resilience, timers, shared, behaviours, failures } do f() end
akt.send("listener", "report")
akt.sleep(0.1)
show("history", akt.events.history{ severity = "trace", limit = 500 })
show("figures", akt.events.stats(), akt.metrics.text())
show("memory", collectgarbage "count", akt.stats().memory)
