"""Downloads over links of known width in the private network, iperf3 beside them."""
