"""What a push and a pull cost beside the bare client of object storage."""
