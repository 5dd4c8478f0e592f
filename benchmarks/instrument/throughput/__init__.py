"""How fast this machine downloads over loopback, beside curl and plain httpx."""
