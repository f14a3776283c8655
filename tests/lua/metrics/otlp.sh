# Figures go to a collector in intervals and at the end, in the JSON of OTLP.
set -e
. "$AKT_ROOT/tests/lua/metrics/support/collect.sh"
tmp=$AKT_TEST_TMP
collect "$tmp/got" 0
two_posts "$tmp/got" > "$tmp/a.lua"
AKTVM_OTLP_INTERVAL=0.1 "$AKTVM" --name shop --otlp "$url/" "$tmp/a.lua"
kill $collector
python3 - "$tmp/got" <<'P'
import json, os, sys
folder = sys.argv[1]
last = max(int(n[:-5]) for n in os.listdir(folder) if n.endswith(".json"))
assert last >= 3, last
resource = json.load(open("%s/%d.json" % (folder, last)))["resourceMetrics"][0]
who = {a["key"]: a["value"]["stringValue"]
       for a in resource["resource"]["attributes"]}
assert who["service.name"] == "shop", who
scope = resource["scopeMetrics"][0]
assert scope["scope"]["name"] == "aktvm"
metrics = {m["name"]: m for m in scope["metrics"]}
assert len(metrics) == len(scope["metrics"])

def points(name, kind):
    data = metrics[name][kind]
    for p in data["dataPoints"]:
        assert p["timeUnixNano"].isdigit() and p["startTimeUnixNano"].isdigit()
        assert int(p["timeUnixNano"]) >= int(p["startTimeUnixNano"])
    return data["dataPoints"]

orders = points("orders", "sum")[0]
assert orders["asDouble"] == 7, orders # the last post has it
assert orders["attributes"] == [{"key": "shop",
                                 "value": {"stringValue": "a"}}]
assert metrics["orders"]["sum"]["isMonotonic"] is True
assert metrics["orders"]["sum"]["aggregationTemporality"] == 2
assert points("depth", "gauge")[0]["asDouble"] == -1.5
size = points("size", "histogram")[0]
assert size["count"] == "1" and size["sum"] == 3
assert len(size["bucketCounts"]) == len(size["explicitBounds"]) + 1
assert sum(map(int, size["bucketCounts"])) == 1
assert size["bucketCounts"][size["explicitBounds"].index(4)] == "1"
assert points("aktvm_actors", "gauge")[0]["asDouble"] >= 0
P
