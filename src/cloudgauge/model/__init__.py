"""What the words mean: values, no input or output, no clock, no chance."""
