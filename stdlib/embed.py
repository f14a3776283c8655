#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the C table of stdlib/embedded.h.

usage: embed.py OUTPUT.c STDLIB_DIR FILE.lua...
"""
import os
import sys


def c_string(line):
    """One line of text as a C string literal."""
    out = []
    for byte in line:
        char = chr(byte)
        if char in '"\\':
            out.append("\\" + char)
        elif char == "?":
            out.append("\\?")  # no trigraphs
        elif 32 <= byte < 127:
            out.append(char)
        else:
            out.append("\\%03o" % byte)
    return '"' + "".join(out) + '"'


def main():
    output, root, paths = sys.argv[1], sys.argv[2], sys.argv[3:]
    modules = {}
    for path in paths:
        name = os.path.relpath(path, root)[: -len(".lua")].replace(os.sep, ".")
        with open(path, "rb") as f:
            modules[name] = f.read()
    with open(output, "w", encoding="ascii") as out:
        out.write('/* made by stdlib/embed.py */\n#include "stdlib/embedded.h"\n')
        out.write("\nconst struct akt_stdlib_module akt_stdlib_modules[] = {\n")
        for name, text in sorted(modules.items()):
            out.write("{%s,\n" % c_string(name.encode()))
            for line in text.splitlines(keepends=True) or [b""]:
                out.write(c_string(line) + "\n")
            out.write(", %d},\n" % len(text))
        out.write("{NULL, NULL, 0}};\n")
        out.write("const size_t akt_stdlib_count = %d;\n" % len(modules))


main()
