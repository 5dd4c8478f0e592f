"""The only reader of `targets/`: tables into values, and a choice among them."""
