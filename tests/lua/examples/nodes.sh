#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The two nodes of examples/nodes, in clear text and with certificates.
# timeout: 120
set -euo pipefail
out=$(examples/nodes/run.sh)
diff examples/expected/nodes.txt - <<< "$out"
