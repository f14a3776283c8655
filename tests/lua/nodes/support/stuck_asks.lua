-- Asks the echo of n1: before there is a file "mark", and behind that.
local akt = require "akt"
local long = ("x"):rep(3000000) -- more than a socket takes

local function asks()
  akt.within(100, function()
    for i = 1, 20 do
      assert(akt.ask("echo@n1", "echo", i) == i)
      assert(akt.ask("echo@n1", "echo", long) == long)
    end
  end)
end

asks()
print "linked"; io.stdout:flush()
while not io.open(os.getenv "AKT_TEST_TMP" .. "/mark") do akt.sleep(0.01) end
asks()
akt.exit(0)
