"""The product itself: storeys (wings) of rooms. Doors call rooms; rooms call downstairs and announce upstairs."""
