#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The chat server of examples/chat-upgrade is upgraded twice under load, and
# once more with a bad version that rolls back: no line is lost.
# timeout: 120
set -euo pipefail
out=$(examples/chat-upgrade/run.sh) || { echo "$out"; exit 1; }
diff examples/expected/chat-upgrade.txt - <<< "$out"
