"""Measures of transcripts: what they are, how steps are grouped, and what groups come to.

`Sheet` takes the measures of one run, `gathered` collects a measure of many sheets by group, and
`Summary` says what a group comes to. Everything that is left out is counted, with a reason.
"""
