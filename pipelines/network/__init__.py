"""The network: units, shops and their validity, and how a record finds its unit.

What belongs here: reading the reference lists of units, codes and changes, counting the shops
of a day, resolving a dossier's unit. What does not: figures about units.
"""
