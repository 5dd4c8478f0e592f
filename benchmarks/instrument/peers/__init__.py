"""Other probers, driven with the same schedule through the same private network."""
