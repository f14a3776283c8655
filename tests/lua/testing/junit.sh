# SPDX-License-Identifier: MIT
# skip-tsan: of one thread
# The XML is well-formed whatever tests are named and print.
xml=$AKT_TEST_TMP/out.xml
"$AKTVM" test --turns 20000 --junit "$xml" tests/lua/testing/support/mixed.lua \
  >/dev/null
python3 - "$xml" <<'P' || exit 1
import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
assert root.tag == "testsuites" and root.get("failures") == "17", root.attrib
suite = root[0]
assert suite.get("tests") == "18" and suite.get("failures") == "17"
cases = {c.get("name"): c for c in suite}
assert len(cases) == 18
quoted = cases['it\'s "quoted" <&>']
assert quoted.find("failure").get("message").startswith("not equal at .a[1]")
assert "shown ?[31m? ?" in quoted.find("system-out").text
assert cases["passes"].find("failure") is None
assert "from <main#1>" in cases["crash of an actor"].find("failure").text
P
"$AKTVM" test --junit /no/such/folder/x tests/lua/testing/support/lost.lua \
  --filter "at least one" >/dev/null 2>&1
[ $? = 2 ] || { echo "a file that cannot be written"; exit 1; }
