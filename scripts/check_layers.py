#!/usr/bin/env python3
"""Enforces the table of rooms in CONTRIBUTING.md: who may include whom, and which rooms are pure.

usage: check_layers.py
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"

MAY_INCLUDE = {
    "base": set(),
    "codec": {"base"},
    "auth": {"base", "codec"},
    "rtc": {"base", "codec", "auth"},
    "push": {"base", "codec", "auth"},
    "store": {"base", "codec", "auth", "push"},
    "core": {"base", "codec", "auth", "rtc"},
    "skapi": {"base", "codec", "auth"},
    "net": {"base", "codec", "auth", "rtc", "push", "store", "core", "skapi"},
    "app": {"base", "codec", "auth", "rtc", "push", "store", "core", "skapi", "net"},
}
# What the tests of a room need besides, to show that it fits others.
TESTS_MAY_INCLUDE = {"skapi": {"core"}}
PURE = {"base", "codec", "auth", "rtc", "push", "core", "skapi"}

# What a pure room must not touch: sockets, files, threads, clocks, randomness of its own.
IMPURE_HEADERS = re.compile(
    r"^(sys/|netinet/|arpa/|unistd\.h|poll\.h|fcntl\.h|fstream|filesystem|thread|mutex|condition_variable|atomic|future|random"
    r"|boost/asio|boost/beast|spdlog|curl|openssl/(rand|ssl))"
)
IMPURE_CALLS = re.compile(r"(steady_clock|system_clock|high_resolution_clock)::now|\b(std::)?(time|rand|getenv)\s*\(\s*(NULL|nullptr|0|\")?")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def is_test(path):
    return path.stem.endswith(("_test", "_fuzz")) or "testing" in path.parts


def faults_of(path):
    room = path.relative_to(SOURCE).parts[0]
    allowed = MAY_INCLUDE[room] | (TESTS_MAY_INCLUDE.get(room, set()) if is_test(path) else set())
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        where = f"{path.relative_to(ROOT)}:{number}"
        include = INCLUDE.match(line)
        if include:
            kind, name = include.groups()
            other = name.split("/")[0]
            if kind == '"' and other in MAY_INCLUDE and other != room and other not in allowed:
                yield f"{where}: {room} may not include {other}"
            if room in PURE and not is_test(path) and IMPURE_HEADERS.match(name):
                yield f"{where}: {room} is pure and may not include <{name}>"
        elif room in PURE and not is_test(path) and IMPURE_CALLS.search(line.split("//")[0]):
            yield f"{where}: {room} is pure: time, randomness and the environment are arguments"


def linked_faults():
    for lists in sorted(SOURCE.glob("*/CMakeLists.txt")):
        room = lists.parent.name
        allowed = MAY_INCLUDE[room] | TESTS_MAY_INCLUDE.get(room, set())
        text = re.sub(r"#.*", "", lists.read_text(encoding="utf-8"))
        for other in MAY_INCLUDE:
            if other != room and other not in allowed and re.search(rf"\bpipit_{other}\b", text):
                yield f"{lists.relative_to(ROOT)}: {room} may not link {other}"


def main():
    unknown = [path.name for path in SOURCE.iterdir() if path.is_dir() and path.name not in MAY_INCLUDE]
    faults = [f"src/{name}: not in the table of rooms" for name in unknown]
    files = [path for path in sorted(SOURCE.rglob("*")) if path.suffix in (".hpp", ".cpp")]
    for path in files:
        faults.extend(faults_of(path))
    faults.extend(linked_faults())
    print("\n".join(faults) if faults else f"layers: {len(files)} files keep to the table")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
