#!/bin/sh
# Makes the virtual environment $1 with $PYTHON, or says in one sentence why it cannot.
set -eu
python=${PYTHON:-python3}
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "counterpulse needs Python 3.11 or later, and '$python' is not one; install it or name another: make PYTHON=python3.12 run" >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    CI=true "$(dirname "$0")/debian.sh" python3-venv
fi
"$python" -m venv "$1"
