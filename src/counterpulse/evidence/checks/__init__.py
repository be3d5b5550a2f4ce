"""The checks of an audit: each module has `check(paper)`, which yields items and findings. None knows any paper."""
