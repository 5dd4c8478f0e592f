"""Result sets as columns, figures and frames: the only user of numpy and pandas."""
