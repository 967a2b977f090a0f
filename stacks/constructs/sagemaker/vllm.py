"""AWS's image of vLLM, which generates text from a `save_pretrained` folder on GPUs.

https://aws.github.io/deep-learning-containers/vllm/deployment/sagemaker/
"""

from aws_cdk import Aws, Stack
from aws_cdk.region_info import FactName
from constructs import Construct

# The image has vLLM 0.30 with CUDA 13, which needs the AMI with NVIDIA's driver 580:
# https://aws.github.io/deep-learning-containers/vllm/changelog/
REPOSITORY = "vllm"
TAG = "server-sagemaker-cuda-v2.5"
AMI = "al2023-ami-sagemaker-inference-gpu-4-1"
# A start fetches gigabytes, lays them out on the GPU and compiles for it.
START_SECONDS = 1800


def account(scope: Construct) -> str:
    """Returns the account whose registry has AWS's images in the region of the deployment.

    https://aws.github.io/deep-learning-containers/reference/region_availability/
    """
    return Stack.of(scope).regional_fact(FactName.DLC_REPOSITORY_ACCOUNT)


def image(scope: Construct) -> str:
    """Returns the address of AWS's image."""
    return f"{account(scope)}.dkr.ecr.{Aws.REGION}.{Aws.URL_SUFFIX}/{REPOSITORY}:{TAG}"


def environment(name: str, *, network: bool) -> dict[str, str]:
    """Returns the variables of the server. Each `SM_VLLM_…` is an option of `vllm serve`.

    Args:
        name: the model's name in requests, as in OpenAI's API.
        network: whether the server can reach the network.
    """
    return {
        "SM_VLLM_MODEL": "/opt/ml/model",
        "SM_VLLM_SERVED_MODEL_NAME": name,
        "VLLM_NO_USAGE_STATS": "1",
        **({} if network else {"HF_HUB_OFFLINE": "1"}),
    }
