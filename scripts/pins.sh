#!/bin/sh
# Makes requirements/run.txt, test.txt and docs.txt: names, versions and hashes, no addresses. Without UPGRADE=1 what is pinned stays pinned.
set -eu
cd "$(dirname "$0")/.."
tool=build/pins
[ -x $tool/bin/pip-compile ] || { scripts/venv.sh $tool && $tool/bin/python -m pip install -q pip==26.3 pip-tools==7.6.2; }
compile() {
    name=$1
    shift
    echo "requirements/$name.txt"
    $tool/bin/pip-compile -q ${UPGRADE:+--upgrade} --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
        --strip-extras --no-header --annotation-style=line --allow-unsafe --output-file "requirements/$name.txt" "$@" pyproject.toml requirements/build.in
}
compile run
compile test --extra test --constraint requirements/run.txt
compile docs --extra docs --constraint requirements/run.txt
