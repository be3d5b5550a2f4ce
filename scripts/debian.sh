#!/bin/sh
# Installs Debian packages ($@) where that is allowed: root and apt-get at hand. Elsewhere says how to get them; under CI=true that is an error.
set -eu
missing=""
for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    # another clone may be installing at this moment: wait for its lock
    for attempt in 1 2 3 4 5 6; do
        # shellcheck disable=SC2086  # several packages
        if apt-get update -qq && apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 $missing >/dev/null; then
            exit 0
        fi
        [ "$attempt" = 6 ] || sleep 10
    done
    echo "Debian's packages$missing could not be installed." >&2
else
    echo "Not here:$missing. Get them with: sudo apt-get install$missing" >&2
fi
[ "${CI:-}" != true ]
