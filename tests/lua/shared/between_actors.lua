-- seeds: 5
-- One copy for all isolates; what is replaced stays for those who hold it.
local akt = require "akt"
local Reader = akt.actor "reader"
function Reader:init() self.old = akt.shared("d") end
function Reader.on:get() return akt.shared("d").v, self.old.v, akt.shared("d").t[3] end
akt.shared("d", { v = 1, t = { 1, 2, 3 } })
local readers = {}
for i = 1, 4 do readers[i] = akt.spawn_opt({ isolate = i % 2 == 0 }, Reader) end
for i = 1, 4 do print(readers[i]:ask("get")) end
-- expect: 1	1	3
-- expect: 1	1	3
-- expect: 1	1	3
-- expect: 1	1	3
akt.shared("d", { v = 2, t = { 4, 5, 6 } })
for i = 1, 4 do print(readers[i]:ask("get")) end
-- expect: 2	1	6
-- expect: 2	1	6
-- expect: 2	1	6
-- expect: 2	1	6
print(akt.unshare("d"), akt.unshare("d"), akt.shared("d")) -- expect: true	false	nil
print(select(2, akt.try(readers[1].ask, readers[1], "get")).code) -- expect: crash
-- expect-err: on.get
