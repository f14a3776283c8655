# Modules are found in the folder of the script, wherever one is.
set -e
mkdir -p "$AKT_TEST_TMP/app/lib"
echo 'return "mine"' > "$AKT_TEST_TMP/app/mod.lua"
echo 'return "wrong"' > "$AKT_TEST_TMP/mod.lua"
echo 'return "init"' > "$AKT_TEST_TMP/app/lib/init.lua"
echo 'print(require "mod", (require "lib"))' > "$AKT_TEST_TMP/app/main.lua"
cd "$AKT_TEST_TMP"
[ "$("$AKTVM" app/main.lua)" = "mine	init" ]
cd app
[ "$("$AKTVM" main.lua)" = "mine	init" ]
cd /
[ "$("$AKTVM" "$AKT_TEST_TMP/app/main.lua")" = "mine	init" ]
