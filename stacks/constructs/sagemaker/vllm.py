"""vLLM's server in AWS's image, for text generation from a `save_pretrained` folder on GPUs.

https://aws.github.io/deep-learning-containers/vllm/deployment/sagemaker/
"""

from aws_cdk import Aws, Stack
from aws_cdk.region_info import FactName
from constructs import Construct

# Of vLLM 0.30 with CUDA 13, and the AMI with NVIDIA's driver 580, which that asks for:
# https://aws.github.io/deep-learning-containers/vllm/changelog/
REPOSITORY = "vllm"
TAG = "server-sagemaker-cuda-v2.5"
AMI = "al2023-ami-sagemaker-inference-gpu-4-1"
# Gigabytes are fetched, laid out on the GPU, and compiled for.
START_SECONDS = 1800


def account(scope: Construct) -> str:
    """Return whose registry has AWS's images, in the region of the deployment.

    https://aws.github.io/deep-learning-containers/reference/region_availability/
    """
    return Stack.of(scope).regional_fact(FactName.DLC_REPOSITORY_ACCOUNT)


def image(scope: Construct) -> str:
    """Return AWS's image."""
    return f"{account(scope)}.dkr.ecr.{Aws.REGION}.{Aws.URL_SUFFIX}/{REPOSITORY}:{TAG}"


def environment(name: str, *, network: bool) -> dict[str, str]:
    """Return what starts it; each `SM_VLLM_…` is an option of `vllm serve`.

    Args:
        name: by which requests may name the model, as OpenAI's API has it.
        network: whether anything can be reached that it might look for.
    """
    return {
        "SM_VLLM_MODEL": "/opt/ml/model",
        "SM_VLLM_SERVED_MODEL_NAME": name,
        "VLLM_NO_USAGE_STATS": "1",
        **({} if network else {"HF_HUB_OFFLINE": "1"}),
    }
