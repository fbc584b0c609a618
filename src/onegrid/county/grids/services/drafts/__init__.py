"""Drafts of the map: begun, edited step by step, sent, decided, and put into force.

├── store.py     the picture of a step, and a step more
├── counting.py  who lives in which cell
├── beginning.py a copy of today's grids
├── editing.py   split, merge, border, rename, undo, redo
├── carrying.py  what changed since, and the draft upon the grids of today
├── deciding.py  send, recall, decide, drop
└── applying.py  a draft becomes the grids of today
"""
