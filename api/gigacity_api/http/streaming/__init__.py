"""LiveEvaluation figures: what happened, as Server-Sent Events, and to whom they are told.

``events`` is pure; ``revisions`` reads the log of publications through the store's protocol;
``stream`` runs on the event loop and never blocks it.
"""
