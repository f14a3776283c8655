-- A mailbox is bounded: 65,536 messages by default, 64 MB, or as the kind
-- says; full means wait, error, drop the new or the old.
local akt = require "akt"
local function flood(mailbox, n, value)
  local sent, code = 0, nil
  local patience = mailbox.full == "wait" and 1 or 60
  local p = akt.spawn_opt({ mailbox = mailbox }, function() akt.sleep(1e6) end)
  akt.within(patience, pcall, function()
    for _ = 1, n do
      local ok, r = akt.send(p, "x", value)
      if ok then sent = sent + 1 else code = r end
    end
  end)
  local ok, e = pcall(akt.within, patience, akt.send, p, "x")
  if not ok then code = e.code end
  local held = akt.info(p).mailbox
  akt.kill(p)
  return sent, code, held
end
local sent, code, held = flood({ full = "error" }, 70000)
-- one more for each worker that sends or receives at the same moment
print(sent - 65536 <= akt.stats().workers, code, held == sent)
-- expect: true	overloaded	true
print(flood({ max = 10, full = "drop_new" }, 20))
-- expect: 10	overloaded	10
print(flood({ max = 10, full = "drop_old" }, 20)) -- expect: 20	nil	10
print(flood({ max = 10, full = "wait" }, 20)) -- expect: 10	overloaded	10
sent = flood({ full = "error" }, 200, ("x"):rep(2 ^ 20 // 1))
print(sent >= 62 and sent <= 65) -- expect: true
