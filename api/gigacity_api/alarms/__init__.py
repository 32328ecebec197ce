"""Alarms: what is wrong in the city, its one cause, and whom it hits. Pure; edges stand elsewhere.

``model`` says what an alarm is, ``catalogue`` which types there are. Each interval the detectors
(``ports``, ``devices``, ``figures``, ``platform``) say which conditions hold, ``correlation`` names
one cause for those that belong together, and ``engine`` keeps the life cycle of RFC 8632.
"""
