# Nothing a program does to the outside or waits for happens in check.
set -e
cd "$AKT_TEST_TMP"
n=0
for effect in 'os.execute("touch ran")' 'io.popen("touch ran"):close()' \
  'io.open("ran", "w"):close()' 'akt.sleep(1000)' 'akt.receive()' \
  'akt.blocking(function() io.open("ran", "w"):close() end)' 'io.read()' \
  'os.remove("keep")' 'os.rename("keep", "ran")' 'akt.exit(3)' 'os.exit(3)' \
  'akt.after(1000, "x")' 'akt.register("x")' 'io.output("ran")' \
  'akt.ask("x", "y")' 'akt.log.info("x")'; do
  n=$((n + 1))
  echo keep > keep
  printf 'local akt = require "akt"\n%s\nio.open("after", "w")' "$effect" > e$n.lua
  timeout 20 "$AKTVM" check e$n.lua > out 2> err < /dev/zero ||
    { echo "$effect: $?"; cat err; exit 1; }
  [ ! -s out ] && [ ! -s err ] && [ ! -e ran ] && [ -e keep ] && [ ! -e after ] ||
    { echo "$effect:"; ls; cat out err; exit 1; }
done
# a module with an effect is a finding
echo 'require("akt").send("x", "y")' > m.lua
echo 'require "m"' > main.lua
if "$AKTVM" check main.lua 2> err; then exit 1; fi
grep -q "m.lua:1: send is not allowed while a module loads" err || { cat err; exit 1; }
