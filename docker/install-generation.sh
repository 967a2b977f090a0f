#!/bin/sh
# Installs what generates text in SageMaker's container, with a torch for the processor that is named:
#   cuda  PyPI's, for NVIDIA's GPUs: with some gigabytes of libraries, each file by its hash
#   cpu   PyTorch's own, by its version: that index has other files than those that are locked
#   none  installs nothing: the container then says so where a model generates text
set -eu
cd "$(dirname "$0")"

case $1 in
    cuda) pip install --no-cache-dir --require-hashes --no-deps --requirement requirements-torch.txt ;;
    cpu) pip install --no-cache-dir --index-url https://download.pytorch.org/whl/cpu --requirement requirements-torch.in ;;
    none) exit ;;
    *)
        echo "GENERATION is cuda, cpu or none, not $1." >&2
        exit 1
        ;;
esac
pip install --no-cache-dir --require-hashes --no-deps --requirement requirements-generation.txt
