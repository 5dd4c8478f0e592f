"""The only user of pandas: result sets as frames and figures."""
