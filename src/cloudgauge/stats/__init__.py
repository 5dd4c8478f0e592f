"""Arrays in, frozen results out: knows nothing of probes, regions or frames."""
