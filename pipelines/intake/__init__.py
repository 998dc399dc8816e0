"""Intake: what a shop's system says, brought to the landing zone without personal data.

What belongs here: the list of sources, the readers per kind (`rest`, `files`, `database`), the
dialects that translate a system's words, the allow-list, the contract with its quarantine rules,
and the outcome of every pull. What does not: anything that opens the warehouse.
"""
