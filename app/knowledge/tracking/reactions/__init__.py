"""What the stream does when rooms downstairs announce: it writes it down, and follows people who become one or two."""

from app.knowledge.tracking.reactions import merging as merging
from app.knowledge.tracking.reactions import telling as telling
