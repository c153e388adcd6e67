"""Runs cells of JavaScript as Jupyter does, and prints their outputs as JSON."""
import json
import sys

import nbclient
import nbformat

cells = [nbformat.v4.new_code_cell(code) for code in json.load(sys.stdin)]
notebook = nbformat.v4.new_notebook(cells=cells)
client = nbclient.NotebookClient(
    notebook,
    kernel_name="agentzero",
    allow_errors=True,
    timeout=30,
    # It waits 4 seconds for outputs by default, and then goes on without them.
    iopub_timeout=30,
)
client.execute()
print(json.dumps([cell.outputs for cell in notebook.cells]))
