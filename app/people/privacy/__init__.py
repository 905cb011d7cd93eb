"""What a person agreed to, and who looked at them.

Promises: a consent keeps purpose, version, time and place (field rule L01); purposes are separate and refusing one blocks
nothing else; a look at a full personal value has a reason and is written down (G08).
"""
