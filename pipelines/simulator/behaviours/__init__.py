"""How a real system misbehaves: one class per way, seeded, put before the feed of a system.

What belongs here: what a server does beside telling its records. What a record says is drawn
elsewhere; a well-behaved feed passes through none of this.
"""
