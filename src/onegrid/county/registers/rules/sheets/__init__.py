"""Sheets of a register read, checked and written: csv and Excel in, rows and problems out. Pure: no Django, no clock.

├── tables.py      open_table: whatever file it is, as a header and an iterator of rows; refuses what is dangerous
├── csvs.py        csv in UTF-8, GB18030 or UTF-16, found out and said
├── workbooks.py   xlsx as a stream of its XML, in bounded memory
├── old_workbooks.py  xls
├── headers.py     guess: which column of the file is which of ours
├── values.py      one cell to one value, or why not
├── numbers.py     check digits of identity cards (GB 11643) and credit codes (GB 32100)
├── addresses.py   an address to building, unit and room
├── checking.py    Checker: a line to a Row, or to everything that is wrong with it
├── apart.py       the same in a process of its own, for large files
├── rows.py        what a checked line is
├── problems.py    what is wrong, without saying the value
└── writing.py     workbooks and csv out: templates, reports, exports; formula injection neutralised
"""
