"""Settings under which the stacks are tested. Together they reach every construct."""

import json

OWN_NETWORK: dict[str, str] = {}
SAGEMAKER = {
    "endpoints": {
        "vision": {
            "variants": {
                "resnet": {
                    "model_data": "s3://models/resnet/1.tar.gz",
                    "weight": 0.7,
                    "max_instances": 4,
                    "invocations_per_instance": 600,
                },
                "vggnet": {
                    "model_data": "s3://models/vggnet/1/",
                    "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/vgg:1.2",
                    "instance_type": "ml.c7g.xlarge",
                    "instances": 2,
                    "weight": 0.3,
                    "environment": {"TS_NUM_THREADS": "4"},
                    "network": True,
                },
            },
            "capture_percent": 10,
            "rollout": {"traffic": "linear", "percent": 20, "wait_seconds": 120},
        },
        "text": {
            "variants": {"gpt": {"model_data": "s3://models/gpt/1.tar.gz"}},
            "async": {"max_concurrent": 2, "backlog_per_instance": 3, "max_instances": 4},
        },
        "trial": {
            "variants": {"old": {"model_data": "s3://models/old.tar.gz", "weight": 2}},
            "shadow": {"name": "new", "model_data": "s3://models/new.tar.gz", "percent": 25},
        },
        "many": {
            "variants": {
                "tenants": {
                    "model_data": "s3://models/tenants/",
                    "multi_model": True,
                    "max_instances": 3,
                }
            },
        },
        "chat": {
            "variants": {
                "llama": {
                    "model_data": "s3://models/llama/1/",
                    "server": "vllm",
                    "instance_type": "ml.g5.2xlarge",
                    "environment": {"SM_VLLM_MAX_MODEL_LEN": "8192"},
                }
            },
        },
        "rare": {
            "variants": {
                "seldom": {
                    "model_data": "s3://models/seldom.tar.gz",
                    "serverless": {"memory_mb": 3072, "max_concurrency": 8, "provisioned": 1},
                }
            },
        },
    }
}
OTHER_EVERYTHING = {
    "stage": "prod",
    "architecture": "arm64",
    "throughput_mode": "provisioned",
    "provisioned_throughput_mibps": "64",
    "bucket_name": "my-models",
    "allowed_origins": "https://a.example,https://b.example",
    "auth": "api_key",
    "trusted_formats": "",
    "dedicated": '{"fraud": {"memory_mb": 2048, "provisioned_concurrency": 2}, "iris": {}}',
    "capture_percent": "1",
    "rollout": "canary",
    "sagemaker": json.dumps(SAGEMAKER),
    "vpc_id": "vpc-0123456789abcdef0",
    "subnet_ids": "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
}
GUARDED = {
    "auth": "cognito",
    "waf": "on",
    "kms": "on",
    "sagemaker": json.dumps(SAGEMAKER),
}
PRIVATE = {
    "auth": "none",
    "flow_logs": "off",
    "vpc_endpoint_ids": "vpce-0123456789abcdef0,vpce-0123456789abcdef1",
}
MATRIX = {
    "default": OWN_NETWORK,
    "everything": OTHER_EVERYTHING,
    "guarded": GUARDED,
    "private": PRIVATE,
}
