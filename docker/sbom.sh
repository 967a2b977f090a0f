#!/usr/bin/env bash
# Writes what the image's targets hold beside their base, as CycloneDX: sbom-lambda.json, sbom-sagemaker.json.
#   sbom.sh FOLDER    where to
set -euo pipefail
folder=$(realpath "$1")
cd "$(dirname "$0")"

sbom() { # target, its requirements…
    cat "${@:2}" | cyclonedx-py requirements - --output-reproducible --output-file "$folder/sbom-$1.json"
}

lambda=(requirements.txt requirements-no-deps.txt)
sbom lambda "${lambda[@]}"
sbom sagemaker "${lambda[@]}" requirements-{container,generation,torch}.txt
