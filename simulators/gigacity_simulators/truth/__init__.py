"""Ground truth: what each figure must be at an instant, from what the models sampled.

Sample-and-hold: an object is what it last sampled for a report due at or before the instant,
whether or not that report was delivered. Nothing here uses the contract's decoder, its storage
table or the indicators' code: the two sides agree only if both are right. Every figure is computed
anew from the held samples; a whole city takes a fraction of a second.
"""
