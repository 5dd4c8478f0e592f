"""Price interfaces of the six providers: fetched politely, parsed without effects."""
