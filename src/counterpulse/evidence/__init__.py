"""Published studies: an audit of what a paper prints against its own numbers."""
