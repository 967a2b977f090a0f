#!/usr/bin/env bash
# Pins what environments hold, every file by its hash, for each Python from 3.11 on and every processor.
#   lock.sh [NAME…]    without a name, all
set -euo pipefail
cd "$(dirname "$0")"

lock() {
    local python
    python=$(sed -n 's/^# python: *//p' "$1.in")
    {
        echo "# Made by \`make lock\` from $1.in: change that."
        echo "# python: ${python:?$1.in states no Python, as: # python: 3.12}"
        uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --only-binary :all: \
            --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
            --overrides every/overrides.txt --overrides <(sed -n 's/^# override: *//p' "$1.in") "$1.in" every/requirements.in
    } > "$1.txt.new"
    mv "$1.txt.new" "$1.txt"
}

if [[ $# -eq 0 ]]; then
    set -- *.in
fi
for name in "$@"; do
    lock "${name%.in}"
done
