"""One module for each task a user has; joins the floors below."""
