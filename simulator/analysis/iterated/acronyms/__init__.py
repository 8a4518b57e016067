"""The acronym game: outputs that the first letters of the input words spell.

A world without hypotheses that could be listed: what learners believe shows only in which words
they write (arXiv 2404.04286, section 5).
"""
