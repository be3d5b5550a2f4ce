"""Sphinx: MyST pages, furo's theme, a reference made from the code."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

from counterpulse import __version__

project = "counterpulse"
author = "the counterpulse authors"
release = version = __version__
extensions = ["myst_parser", "generated_reference"]
exclude_patterns = ["_build", "_ext"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = f"counterpulse {__version__}"
html_theme_options = {"announcement": "Research and education only. Not a medical device, not for patient care."}
html_copy_source = False
highlight_language = "none"
