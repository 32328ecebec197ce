"""The shared vocabulary of Gigacity: topics, payloads, storage, city file.

Pure: it opens no socket and starts no thread, and it imports nothing else of ours.
"""
