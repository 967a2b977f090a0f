#!/usr/bin/env bash
# Pins what environments hold, every file by its hash, for each Python from 3.11 on and every processor.
#   lock.sh [NAME…]    without a name, all
set -euo pipefail
cd "$(dirname "$0")"
# In the order in which they are looked for: the image's own first.
candidates=(3.13 3.12 3.11 3.14)

pin() { # name
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --only-binary :all: \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links \
        --overrides every/overrides.txt --overrides <(sed -n 's/^# override: *//p' "$1.in") \
        "$1.in" every/requirements.in
}

pythons() { # a locked file: those for which there is a wheel of each package
    local version
    for version in "${candidates[@]}"; do
        uv pip install --quiet --dry-run --no-deps --require-hashes --only-binary :all: --target /nowhere \
            --python-version "$version" --python-platform x86_64-manylinux_2_28 --requirement "$1" \
            2> /dev/null && echo "$version"
    done
}

lock() {
    pin "$1" > "$1.txt.pinned"
    {
        echo "# python: $(pythons "$1.txt.pinned" | xargs)"
        echo "# Made by \`make lock\` from $1.in: change that."
        cat "$1.txt.pinned"
    } > "$1.txt.new"
    mv "$1.txt.new" "$1.txt"
    rm "$1.txt.pinned"
}

if [[ $# -eq 0 ]]; then
    set -- *.in
fi
for name in "$@"; do
    lock "${name%.in}"
done
