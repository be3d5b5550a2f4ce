"""counterpulse: the intra-aortic balloon pump as open software. Research and education only; not a medical device."""

__version__ = "0.1.0"
