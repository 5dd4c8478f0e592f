"""Tables of several pictures, each once: what is equal gets a name."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

# Less is not worth a name.
_LEAST_CHARACTERS = 500


def shared_data(
    specs: Mapping[str, Mapping[str, Any]],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Take tables that several specifications have out of them.

    Args:
        specs: Vega-Lite specifications by name, their tables in ``datasets``.

    Returns:
        The specifications, in which a name stands for a table that is shared, and
        those tables by name.
    """
    keys = {
        (name, table): _key_of(rows)
        for name, spec in specs.items()
        for table, rows in spec.get("datasets", {}).items()
    }
    counts = Counter(key for key in keys.values() if key)
    held: dict[str, Any] = {}
    named: dict[str, Any] = {}
    for name, spec in specs.items():
        tables = dict(spec.get("datasets", {}))
        for table, rows in tables.items():
            key = keys[name, table]
            if counts[key] > 1:
                held[key] = rows
                tables[table] = key
        named[name] = {**spec, "datasets": tables}
    return named, held


def _key_of(rows: object) -> str:
    """What names a table; "" for a small one."""
    text = json.dumps(rows, separators=(",", ":"))
    if len(text) < _LEAST_CHARACTERS:
        return ""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
