"""A month of a described workload: what is used, which prices apply, what it costs."""
