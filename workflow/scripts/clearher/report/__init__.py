"""Report: figures, tables, the HTML page and the files that are handed on."""
