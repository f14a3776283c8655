#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""usage: ask.py SOCKET COMMAND [ARGS-JSON [UNTIL-TEXT]]

Waits for the socket, sends one request and prints the lines that come back,
until the last one, or the one that contains UNTIL-TEXT."""
import json
import socket
import sys
import time


def connect(path):
    for _ in range(1500):
        s = socket.socket(socket.AF_UNIX)
        try:
            s.connect(path)
            return s
        except (FileNotFoundError, ConnectionRefusedError):
            s.close()
            time.sleep(0.02)
    sys.exit("nobody listens at " + path)


def main(path, cmd, args="{}", until=None):
    s = connect(path)
    request = {"v": 1, "id": 1, "cmd": cmd, "args": json.loads(args)}
    s.sendall(json.dumps(request).encode() + b"\n")
    for line in s.makefile():
        answer = json.loads(line)
        text = json.dumps(answer)
        print(text, flush=True)
        if "more" not in answer or (until and until in text):
            return 0
    return 1


sys.exit(main(*sys.argv[1:]))
