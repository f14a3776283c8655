local akt = require "akt"
local function bad(mailbox)
  local K = akt.actor("k" .. tostring({}):match("0x(%x+)"))
  K.mailbox = mailbox
  local _, err = akt.try(akt.spawn, K)
  print(err.code, (err.message:gsub("^.-:%d+: ", "")))
end
bad{ max = 0 }
bad{ max = -1 }
bad{ max = "many" }
bad{ full = "maybe" }
bad{ size = 1 }
-- expect: bad_option	mailbox max must be 1 or more
-- expect: bad_option	max must be a number, 0 or more, not -1
-- expect: bad_option	max must be a number, 0 or more, not many
-- expect: bad_option	full must be one of "wait", "drop_new", "drop_old", "error", not "maybe"
-- expect: bad_option	mailbox has no option "size"; it has "max", "full"
