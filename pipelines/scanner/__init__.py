"""The scanner: reads every file the product writes, through its own engine, for personal values.

What belongs here: the patterns of structured identities, the exempt columns with their reasons,
and one reader for each form of file, which counts cells that match, column by column. What does
not: keeping personal values out (`pipelines.intake.privacy` does that). Nothing here returns,
prints or stores a value that it found: a finding says where and how many.
"""

from pipelines.scanner.findings import Finding
from pipelines.scanner.patterns import EXEMPT, PATTERNS, Exemption
from pipelines.scanner.walk import find, find_in_url

__all__ = ["EXEMPT", "PATTERNS", "Exemption", "Finding", "find", "find_in_url"]
