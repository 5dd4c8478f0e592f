"""Pictures: one builder a module, from plain frozen values to a Figure."""
