# SPDX-License-Identifier: MIT
# skip-asan: it ends the process its own way
# skip-tsan: as well
# A bug of the machine is not hidden: the process dies, and says during what.
cd "$AKT_TEST_TMP"
cat >dies_test.lua <<'L'
local t = require "akt.test"
t.test("lives", function() end)
t.test("dies", function() os.execute("kill -ABRT $PPID") end)
L
"$AKTVM" test --real dies_test.lua >out 2>err
code=$?
[ $code = 134 ] || { echo "exit code $code"; cat out err; exit 1; }
grep -q "while this ran: dies_test.lua: dies" err || { cat err; exit 1; }
grep -q "passed" out && { cat out; exit 1; }
exit 0
