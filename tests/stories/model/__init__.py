"""What the membership should do, in dicts and integers, written from the field rules and not from the code.

Each class is one field of the trade. An operation changes the model and gives "ok", or gives the stable code of the refusal
and changes nothing. Moments are aware; nothing here knows a database.
"""
