"""Overlays made by hand, as a refresh writes them."""


def overlay_text(
    *tables: str, provider: str = "aws", at: str = "2026-11-01T00:00:00Z"
) -> str:
    """A whole overlay: its head, then tables."""
    head = (
        "schema_version = 1\n"
        'tool_version = "0.1.0"\n'
        f'provider = "{provider}"\n'
        f"retrieved_at = {at}\n"
    )
    return "\n".join((head, *tables))
