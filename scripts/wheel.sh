#!/bin/sh
# Builds the wheel, installs it alone into an empty environment (at the pinned versions, so that a release elsewhere cannot break it) and runs it.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
.venv/bin/python -m pip wheel -q --no-deps --no-build-isolation --wheel-dir "$work" .
scripts/venv.sh "$work/venv"
grep -oE '^[A-Za-z0-9._-]+==[^ ]+' requirements/run.txt > "$work/constraints.txt"
"$work/venv/bin/python" -m pip install -q -c "$work/constraints.txt" "$work"/*.whl
cd "$work"
venv/bin/counterpulse --help
if venv/bin/counterpulse --help | grep -qE '(^| )run '; then
    venv/bin/counterpulse run healthy --seconds 5 --out "$work/out"
fi
