"""One parent process that starts and keeps everything: engine, web, feed, jobs. Start here: ``parent.py``."""
