"""Sphinx configuration: MyST for the pages, numpydoc for the reference."""

import convcore

project = "convcore"
author = "the convcore developers"
copyright = "2026, the convcore developers"
version = release = convcore.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc"]
exclude_patterns = ["_build"]
html_theme = "furo"
myst_enable_extensions = ["deflist", "dollarmath"]
myst_heading_anchors = 3
autosummary_generate = True
numpydoc_show_class_members = False
