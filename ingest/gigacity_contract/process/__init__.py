"""What every process of ours does alike at its start: options, settings, secrets, logs.

No vocabulary of wire or storage stands here; that vocabulary knows ``Secret`` of it alone.
"""
