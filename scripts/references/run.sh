#!/bin/sh
# Make the reference numbers again with R: sh scripts/references/run.sh  (Debian: r-base-core r-cran-survival r-cran-cmprsk r-cran-metafor r-cran-jsonlite)
set -eu
cd "$(dirname "$0")/../.."
python="${PYTHON:-python}"
data="${REFERENCE_DATA:-build/references}"
out="${REFERENCE_OUT:-src/counterpulse/stats/references}"
mkdir -p "$data" "$out"
"$python" -m counterpulse.stats.reference_sets "$data"
for script in counts values survival cox competing public; do
  Rscript --vanilla "scripts/references/$script.R" "$data" "$out"
done
