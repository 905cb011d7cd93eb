"""Staff, their roles and their stores.

Promises: who may do what is decided here by role and by store; somebody who left is signed out and refused at once (G03);
a staff member who is also a customer is known as such (X01).
"""
