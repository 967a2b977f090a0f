#!/usr/bin/env bash
# Installs what builds and runs images without a Docker engine, where it is missing (Debian, as root).
# Ends with status 3 where that can't be.
set -euo pipefail

tools=(buildah debootstrap iptables netavark podman runc)
missing=()
for tool in "${tools[@]}"; do
    command -v "$tool" > /dev/null || [[ -x /usr/lib/podman/$tool ]] || missing+=("$tool")
done
if [[ $EUID -ne 0 ]]; then
    echo "Building and running the image takes root, on Linux: run this as root." >&2
    exit 3
fi
[[ ${#missing[@]} -gt 0 ]] || exit 0
if ! command -v apt-get > /dev/null; then
    echo "Building and running the image takes ${missing[*]}: install them." >&2
    exit 3
fi
apt-get update --quiet=2
DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 install --quiet=2 --yes --no-install-recommends \
    debian-archive-keyring "${missing[@]}" > /dev/null
