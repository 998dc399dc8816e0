"""The network: units, shops and their validity, and how a record finds its unit.

What belongs here: reading the lists of units, codes and changes with a home's edits, checking
them, moving a change, counting the shops of a day, resolving a dossier's unit by code or name.
What does not: figures about units.
"""
