"""One spelling for each path, so that no other spelling of a protected path looks like a public one."""

from urllib.parse import unquote

#: A path that is still encoded after this many rounds is nothing that a browser sends.
_MAX_ROUNDS = 4


def canonical_path(path: str) -> str | None:
    """The path with percent-encoding, `;parameters`, `//`, dot segments and a trailing slash removed.

    None for a path that cannot be made out: it climbs above the root, holds a control character or a
    backslash, or is encoded several times over.
    """
    for _ in range(_MAX_ROUNDS):
        if "%" not in path:
            break
        decoded = unquote(path, errors="strict") if _decodes(path) else None
        if decoded is None:
            return None
        if decoded == path:
            break
        path = decoded
    else:
        return None
    if "\\" in path or not path.isprintable():
        return None
    kept: list[str] = []
    for segment in path.split("/"):
        name = segment.partition(";")[0]
        if name == "..":
            if not kept:
                return None
            kept.pop()
        elif name not in ("", "."):
            kept.append(name)
    return "/" + "/".join(kept)


def _decodes(path: str) -> bool:
    try:
        unquote(path, errors="strict")
    except UnicodeDecodeError:
        return False
    return True
