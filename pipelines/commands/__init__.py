"""The commands of `motcua`, one module for each thing a person wants to do.

What belongs here: options, words for people, exit codes. What does not: the doing itself. Heavy
imports stay inside the commands, so that `--help` answers at once.
"""
