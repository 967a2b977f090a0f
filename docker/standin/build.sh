#!/usr/bin/env bash
# Builds targets of ../Dockerfile on a stand-in for AWS's base image, with no Docker engine and no registry of images.
#   build.sh TARGET…    makes the image modelmount-TARGET
# ENVIRONMENTS names those to build; Debian 13 has Python 3.13 alone, and the others are left out.
# STATE (.image) keeps the base's packages, layers and images; CONTAINERS_STORAGE_CONF and BUILDAH_ISOLATION are for buildah.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
state=${STATE:-$root/.image}
mkdir -p "$state/tmp"
export TMPDIR=$state/tmp BUILDAH_ISOLATION=chroot
exec 9> "$state/lock" # A second build waits, and finds what the first made.
flock 9

storage() { # Where images are kept: overlay where the machine can, else whole copies.
    export CONTAINERS_STORAGE_CONF=$state/storage.conf
    [[ -f $CONTAINERS_STORAGE_CONF ]] && return
    for driver in overlay vfs; do
        printf '[storage]\ndriver = "%s"\ngraphroot = "%s"\nrunroot = "%s"\n' \
            "$driver" "$state/storage" "$state/run" > "$CONTAINERS_STORAGE_CONF"
        buildah images > /dev/null 2>&1 && return
    done
    rm "$CONTAINERS_STORAGE_CONF"
    echo "buildah can keep images here neither on overlay nor as plain copies." >&2
    exit 1
}

build() { # A build like the others: it trusts what this machine trusts, and caches its layers.
    buildah build --quiet --layers --volume /etc/ssl/certs:/etc/ssl/certs:ro "$@" > /dev/null
}

emulator() { # AWS's Runtime Interface Emulator, out of the wheel that brings it.
    local wheel=$state/tmp/emulator
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
        --requirement "$here/emulator.txt" --dest "$wheel"
    python3 - "$wheel" "$1" << 'PYTHON'
import pathlib, platform, sys, zipfile
source, target = map(pathlib.Path, sys.argv[1:])
name = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
(wheel,) = source.glob("*.whl")
target.write_bytes(zipfile.ZipFile(wheel).read(f"samcli/local/rapid/aws-lambda-rie-{name}"))
target.chmod(0o755)
PYTHON
}

debian() { # Debian in a folder. A mirror that stumbles once is no reason to fail.
    local attempt
    for attempt in 1 2 3; do
        rm -rf "$1"
        sleep $((20 * (attempt - 1)))
        debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv \
            trixie "$1" ${MIRROR:+"$MIRROR"} > "$state/debootstrap.log" 2>&1 && return
        echo "debootstrap failed, try $attempt of 3:" >&2
        tail -n 20 "$state/debootstrap.log" "$1/debootstrap/debootstrap.log" >&2 || true
    done
    exit 1
}

base() {
    local context=$state/base
    mkdir -p "$context"
    if [[ ! -f $context/rootfs.tar ]]; then
        debian "$state/rootfs"
        tar --directory "$state/rootfs" --one-file-system -cf "$context/rootfs.tar.new" .
        rm -rf "$state/rootfs"
        mv "$context/rootfs.tar.new" "$context/rootfs.tar"
    fi
    [[ -x $context/aws-lambda-rie ]] || emulator "$context/aws-lambda-rie"
    # Reading the whole archive takes buildah some ten seconds, so that it's not asked in vain.
    if buildah inspect modelmount-base > /dev/null 2>&1 && [[ -f $context/built ]] &&
        [[ -z $(find "$here" "$context/rootfs.tar" -newer "$context/built") ]]; then
        return
    fi
    touch "$context/started"
    cp "$here"/{requirements.txt,lambda-entrypoint.sh} "$context"
    build --tag modelmount-base --file "$here/Dockerfile" "$context"
    mv "$context/started" "$context/built"
}

"$here/install-tools.sh"
storage
base
for target in "$@"; do
    build --tag "modelmount-$target" --target "$target" --file "$root/docker/Dockerfile" \
        --build-arg BASE_IMAGE=localhost/modelmount-base \
        --build-arg INSTALL_COMPILER="env DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 install -y --no-install-recommends gcc libc6-dev python3-dev" \
        --build-arg INSTALL_OPENMP="env DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 install -y libgomp1" \
        --build-arg GENERATION=none \
        --build-arg ENVIRONMENTS="${ENVIRONMENTS-sklearn-1.5 sklearn-1.7}" \
        --build-arg ENVIRONMENT_OPTIONS=--leave-out --build-arg INSTALL_PYTHONS=true \
        --ignorefile "$root/.dockerignore" "$root"
done
