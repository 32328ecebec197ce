"""Alink, the envelope of Alibaba's IoT platform, and the platforms that copied it."""
