"""Rules 1, 2, 3 and 6: who may include what."""

import re

import tables
from rules import Rule, Sample
from tree import LIBRARY_DIRECTORIES, problem

PROJECT_PREFIXES = tuple(f"{d}/" for d in LIBRARY_DIRECTORIES)
IMPURE_CALLS = re.compile(
    r"\b(socket|bind|connect|sendto|sendmsg|recvfrom|recvmsg|poll|select|time|clock_gettime|gettimeofday"
    r"|g_get_monotonic_time|g_get_real_time|g_date_time_new_now\w*|g_timeout_\w+|g_idle_\w+|g_source_\w+"
    r"|g_main_\w+|g_task_\w+|g_thread_\w+|g_mutex_\w+|g_random_\w+|rand|random|getenv|g_getenv|fopen|open"
    r"|read|write|printf|g_print)\s*\(")


def stem(path):
    return path.rsplit(".", 1)[0]


def allowed_prefixes(path):
    for start, prefixes in tables.ARROWS:
        if path.startswith(start):
            return prefixes
    return list(PROJECT_PREFIXES)


def check_layers(tree):
    for path in tree.c_files(*LIBRARY_DIRECTORIES):
        prefixes = allowed_prefixes(path)
        server = path.startswith(tables.NOT_FROM_CLIENT)
        for include in tree.includes(path):
            header = include.path
            if not header.startswith(PROJECT_PREFIXES + ("apps/", "tests/")):
                if include.quoted and tree.exists(path.rsplit("/", 1)[0] + "/" + header):
                    yield problem(path, include.line, f"{include}: write the path from the root")
                continue
            wire = server and stem(path) in tables.PURE and header == "ice/wire.h"
            if not wire and not header.startswith(tuple(prefixes)):
                yield problem(path, include.line, f"{include} points against the layers: this file may "
                              f"include {', '.join(prefixes)}")
            elif not server and header.startswith(tables.NOT_FROM_CLIENT):
                yield problem(path, include.line, f"{include} is the server's; the client never needs it")


def check_third_party(tree):
    for path in tree.c_files(*LIBRARY_DIRECTORIES, "apps"):
        for include in tree.includes(path):
            for prefix, wrappers in tables.WRAPPERS.items():
                if include.path.startswith(prefix) and path not in wrappers:
                    yield problem(path, include.line, f"{include} is wrapped by "
                                  f"{', '.join(wrappers) or 'no file'}: use that")


def check_pure(tree):
    pure_headers = {f"{s}.h" for s in tables.PURE} | tables.PURE_PROJECT_HEADERS
    for path in tree.c_files(*LIBRARY_DIRECTORIES, "apps"):
        if stem(path) not in tables.PURE:
            continue
        beside = path.rsplit("/", 1)[0] + "/"
        for include in tree.includes(path):
            if beside + include.path in pure_headers:
                continue
            wrapped = [p for p, files in tables.WRAPPERS.items()
                       if include.path.startswith(p) and path in files]
            extras = tables.PURE_EXTRAS.get(path, [])
            if include.path not in pure_headers.union(tables.PURE_SYSTEM_HEADERS, extras) and not wrapped:
                yield problem(path, include.line, f"{include}: a pure file includes glib.h, libc without "
                              "input or output, ice/wire.h and pure headers")
        for number, line in enumerate(tree.code(path).split("\n"), 1):
            call = IMPURE_CALLS.search(line)
            if call:
                yield problem(path, number, f"{call.group(1)}(): a pure file calls no clock, socket, source, "
                              "task, lock, random number or file: take it as a parameter")


def check_pure_listed(tree):
    """A file that could be pure is: nothing reminds one of its test otherwise."""
    harmless = tables.PURE_SYSTEM_HEADERS | tables.PURE_PROJECT_HEADERS | {f"{s}.h" for s in tables.PURE}
    for path in tree.c_files(*LIBRARY_DIRECTORIES):
        if not path.endswith(".c") or stem(path) in tables.PURE or stem(path) in tables.PURE_PART:
            continue
        own = {f"{stem(path)}.h"}
        headers = {i.path for p in [path, *own] if tree.exists(p) for i in tree.includes(p)}
        if headers <= harmless | own and not IMPURE_CALLS.search(tree.code(path)):
            yield problem(path, 0, "is pure: list it in tests/check/tables.py, so that it keeps a unit test")


def installed_headers(tree):
    return [h for h in tree.c_files(*LIBRARY_DIRECTORIES) if h.endswith(".h") and is_installed(tree, h)]


def is_installed(tree, header):
    return any(re.search(rf"(?m)^\s*{re.escape(header)}\)?\s*$", tree.text(f"{d}/CMakeLists.txt"))
               for d in LIBRARY_DIRECTORIES if tree.exists(f"{d}/CMakeLists.txt"))


def check_apps(tree):
    installed = set(installed_headers(tree)) | {"pierce.h", "pierce-signaling.h"}
    for path in tree.c_files("apps"):
        own = path.rsplit("/", 1)[0] + "/"
        extras = [e for d, es in tables.APP_EXTRAS.items() if path.startswith(d) for e in es]
        for include in tree.includes(path):
            header = include.path
            in_tree = header.startswith(PROJECT_PREFIXES + ("apps/", "tests/"))
            if not in_tree or header in installed or header in extras or header.startswith(own):
                continue
            yield problem(path, include.line, f"{include} is not installed: apps use what users have")


LAYERS = Rule("layers", "includes follow the arrows apps > signaling > datachannel > ice", check_layers, [
    Sample({"ice/a.c": '#include "datachannel/types.h"\n'}, "against the layers"),
    Sample({"datachannel/a.h": '#include "signaling/client.h"\n'}, "against the layers"),
    Sample({"signaling/client.c": '#include "ice/address.h"\n'}, "against the layers"),
    Sample({"signaling/client.c": '#include "datachannel/pierce.h"\n'}, "against the layers"),
    Sample({"signaling/client.c": '#include "signaling/server/router.h"\n'}, "the server's"),
    Sample({"signaling/server/web.c": '#include "ice/wire.h"\n'}, "against the layers"),
    Sample({"ice/a.c": '#include "b.h"\n', "ice/b.h": ""}, "from the root"),
    Sample({"datachannel/a.c": '#include "ice/wire.h"\n/* #include "apps/x.h" */\n'}, None),
    Sample({"signaling/negotiator.c": '#include "datachannel/pierce.h"\n'}, None),
])

THIRD_PARTY = Rule("third-party", "a library's header stays in the files that wrap it", check_third_party, [
    Sample({"datachannel/dcep.c": "#include <openssl/ssl.h>\n"}, "is wrapped by"),
    Sample({"apps/pierce/chat.c": "#include <nice/agent.h>\n"}, "is wrapped by"),
    Sample({"signaling/client.c": "#include <cjson/cJSON.h>\n"}, "is wrapped by"),
    Sample({"datachannel/dcep.c": "#include <glib.h>\n"}, None),
])

PURE = Rule("pure", "pure files do no input, output, time or threads", check_pure, [
    Sample({"datachannel/sdp.c": "#include <gio/gio.h>\n"}, "a pure file includes"),
    Sample({"datachannel/dcep.c": "#include <sys/socket.h>\n"}, "a pure file includes"),
    Sample({"datachannel/dcep.c": '#include "datachannel/data-channel.h"\n'}, "a pure file includes"),
    Sample({"apps/pierce/bench-message.c": '#include "session.h"\n'}, "a pure file includes"),
    Sample({"apps/pierce/bench-message.c": '#include "bench-message.h"\n'}, None),
    Sample({"datachannel/sdp.c": "int f(void)\n{\n    return g_get_monotonic_time();\n}\n"}, "calls no clock"),
    Sample({"datachannel/sdp.c": "void f(void)\n{\n    g_timeout_add(1, g, 0);\n}\n"}, "calls no clock"),
    Sample({"datachannel/sdp.c": '#include <glib.h>\n#include "ice/wire.h"\n/* time() */\n'}, None),
])

PURE_LISTED = Rule("pure-listed", "what is pure is listed as such", check_pure_listed, [
    Sample({"ice/sum.c": "/* a */\n#include <glib.h>\n"}, "is pure"),
    Sample({"ice/sum.c": '#include "ice/sum.h"\n', "ice/sum.h": "#include <glib.h>\n"}, "is pure"),
    Sample({"ice/sum.c": '#include "ice/sum.h"\n', "ice/sum.h": "#include <gio/gio.h>\n"}, None),
    Sample({"ice/sum.c": "#include <glib.h>\nvoid f(void)\n{\n    g_idle_add(g, 0);\n}\n"}, None),
])

APPS = Rule("apps", "apps include installed headers only", check_apps, [
    Sample({"apps/pierce/main.c": '#include "datachannel/sctp-engine.h"\n'}, "not installed"),
    Sample({"apps/pierce/main.c": '#include "signaling/server/server.h"\n'}, "not installed"),
    Sample({"apps/pierced/main.c": '#include "signaling/server/server.h"\n',
            "apps/pierce/main.c": "#include <pierce.h>\n"}, None),
])

RULES = [LAYERS, THIRD_PARTY, PURE, PURE_LISTED, APPS]
