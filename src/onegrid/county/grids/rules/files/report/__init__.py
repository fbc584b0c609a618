"""The report of a drawing: `report.json` for programs, `report.html` for people, in Chinese and English."""
