"""What citizens and officers look at: pages, drawings and files of what a city makes public.

Pure: figures in, texts out. Who may ask, how often, and what is kept is ``http``'s; nothing here
opens a file but the templates and static files of this folder, or waits for anybody.
"""
