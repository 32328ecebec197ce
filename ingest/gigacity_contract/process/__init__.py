"""What every process of ours does alike at its start: options, settings, secrets, logs.

No vocabulary of wire or storage stands here; of this package that vocabulary knows ``Secret`` alone.
"""
