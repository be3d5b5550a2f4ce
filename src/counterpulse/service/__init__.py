"""What people touch in a browser. Served on this computer unless told otherwise; research and education only."""
