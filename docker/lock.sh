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

lock requirements
lock requirements-no-deps --no-deps
lock requirements-build
lock standin/requirements
lock standin/emulator --no-deps
