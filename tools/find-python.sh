#!/bin/sh
# Print the path of a Python that is new enough, or say what is missing.
for candidate in "$1" python3 python3.13 python3.12 python3.11 python; do
    [ -n "$candidate" ] || continue
    found=$(command -v "$candidate" 2>/dev/null) || continue
    if "$found" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null; then
        if "$found" -c 'import venv, ensurepip' 2>/dev/null; then
            echo "$found"
            exit 0
        fi
        echo "$found has no venv module: install it (on Debian and Ubuntu the package python3-venv)" >&2
    fi
done
echo "No Python 3.11 or newer with venv was found. Install one, or name it: make PYTHON=/path/to/python3.11 evaluate" >&2
exit 1
