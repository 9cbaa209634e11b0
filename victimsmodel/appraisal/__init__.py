"""What an option costs and achieves, against business as usual."""
