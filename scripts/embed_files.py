#!/usr/bin/env python3
"""Writes a C++ source that holds files as they are.

usage: embed_files.py OUTPUT NAME=FILE...

The source defines pipit::app::embedded_files(); NAME is the path that a file is served under.
"""
import pathlib
import sys

BYTES_A_LINE = 32


def literal(data):
    rows = (data[i : i + BYTES_A_LINE] for i in range(0, len(data), BYTES_A_LINE))
    return "\n".join('    "' + "".join(f"\\{byte:03o}" for byte in row) + '"' for row in rows) or '    ""'


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    parts = ['#include "app/embedded_files.hpp"\n\nnamespace pipit::app {\nnamespace {\n\nconstexpr EmbeddedFile kFiles[] = {\n']
    for argument in sys.argv[2:]:
        name, file = argument.split("=", 1)
        data = pathlib.Path(file).read_bytes()
        parts.append(f'    {{"{name}", std::string_view(\n{literal(data)},\n    {len(data)})}},\n')
    parts.append("};\n\n}  // namespace\n\nstd::span<const EmbeddedFile> embedded_files() { return kFiles; }\n\n}  // namespace pipit::app\n")
    pathlib.Path(sys.argv[1]).write_text("".join(parts), encoding="ascii")


if __name__ == "__main__":
    main()
