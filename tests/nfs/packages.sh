#!/usr/bin/env bash
# Fetches a Linux kernel that runs as a process, with its NFS server and client, and unpacks them
# into the folder $1. Installs nothing and needs no root. Ends with status 3 where that can't be.
set -euo pipefail

target=$1
packages=(user-mode-linux nfs-kernel-server nfs-common rpcbind)
cannot() {
    echo "A real NFS client takes $1." >&2
    exit 3
}

[[ ! -e $target/ready ]] || exit 0
[[ $(uname -sm) == "Linux x86_64" ]] || cannot "Linux on x86_64, for which user-mode-linux is made"
for tool in apt-get apt-cache dpkg-deb mkfs.ext4 ip; do
    PATH=$PATH:/usr/sbin:/sbin command -v "$tool" > /dev/null || cannot "the command $tool (Debian or Ubuntu)"
done
download() {
    local libraries
    libraries=$(apt-cache depends --important "${packages[@]}" | awk '$1 == "Depends:" && $2 ~ /^(lib|keyutils)/ && $2 !~ /^libc6/ {print $2}' | sort -u)
    # shellcheck disable=SC2086  # many names
    (cd "$target/archives" && apt-get --quiet=2 -o APT::Sandbox::User=root download "${packages[@]}" $libraries)
}
rm -rf "$target"
mkdir -p "$target/archives" "$target/root"
# The lists of packages may be missing or old; only root can fetch new ones.
download > /dev/null 2>&1 || { apt-get update --quiet=2 > /dev/null 2>&1 && download > /dev/null; } ||
    cannot "${packages[*]} from Debian's archive: run 'apt-get update' as root, then try again"
for archive in "$target"/archives/*.deb; do
    dpkg-deb --extract "$archive" "$target/root"
done
rm -r "$target/archives"
touch "$target/ready"
