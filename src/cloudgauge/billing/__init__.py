"""A month of a described workload: what is used, which prices apply, what it costs.

Not named ``cost``: that is the function ``cloudgauge.cost``, which a package of the
same name would hide.
"""
