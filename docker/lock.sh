#!/usr/bin/env bash
# Pins each requirements file's whole closure, every file by its hash, for each Python from 3.11 on and every processor.
set -euo pipefail
cd "$(dirname "$0")"

lock() { # name, options…
    local name=$1
    shift
    {
        echo "# Made by \`make lock\` from ${name##*/}.in: change that."
        uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --only-binary :all: \
            --no-header --no-annotate --no-emit-index-url --no-emit-find-links "$@" "$name.in"
    } > "$name.txt.new"
    mv "$name.txt.new" "$name.txt"
}

beside() { # What is installed together agrees, and each package is in one file.
    printf -- '--constraint %s ' "$@"
    sed -En 's/^([a-z0-9-]+)==.*/--no-emit-package \1/p' "$@"
}

# shellcheck disable=SC2046 # options are words
lock requirements
lock requirements-no-deps --no-deps
lock requirements-build
lock requirements-container $(beside requirements{,-no-deps}.txt)
lock requirements-generation $(beside requirements{,-no-deps,-container}.txt)
lock requirements-torch $(beside requirements{,-no-deps,-container,-generation}.txt)
lock standin/requirements
lock standin/emulator --no-deps
../environments/lock.sh
