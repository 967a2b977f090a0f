"""Faults for the source of network, bucket and file system, each with its assertion."""

from tests.stacks import test_storage
from tests.stacks.constructs.cloudformation import test_weak_references
from tests.stacks.constructs.network import test_network
from tests.stacks.constructs.storage import test_model_bucket, test_model_store
from tests.stacks.mutations.fault import Fault, with_arguments

FAULTS = [
    Fault(
        "no file system policy",
        "storage.model_store",
        [("            file_system_policy=_policy(),\n", "")],
        test_model_store.test_file_system_policy_only_denies,
    ),
    Fault(
        "a denial over a key that EFS doesn't know",
        "storage.model_store",
        [
            (
                '{"Null": {"elasticfilesystem:AccessPointArn": "true"}}',
                '{"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/loader"}}',
            )
        ],
        with_arguments(
            test_model_store.test_no_condition_key_is_used_that_efs_does_not_enforce, settings={}
        ),
        by_deploy=True,
    ),
    Fault(
        "a root that EFS makes below another",
        "storage.model_store",
        [
            (
                'self._access_point("Models", EXPORT',
                'self._access_point("Models", f"{EXPORT}/models"',
            )
        ],
        test_model_store.test_no_root_is_made_above_or_below_another_by_efs,
    ),
    Fault(
        "inference as the owner of all files",
        "storage.model_store",
        [("user=READER", "user=LOADER")],
        with_arguments(
            test_model_store.test_inference_cannot_write_by_its_roles_and_not_by_its_user,
            settings={},
        ),
        by_deploy=True,
    ),
    Fault(
        "a grant for every access point",
        "storage.model_store",
        [('"StringEquals": {\n', '"StringLike": {\n')],
        with_arguments(test_model_store.test_every_grant_is_held_to_one_access_point, settings={}),
        by_deploy=True,
    ),
    Fault(
        "an access point that can't be replaced",
        "storage.model_store",
        [
            (
                "from aws_cdk import RemovalPolicy, Size",
                "from aws_cdk import CrossStackReferences, ReferenceStrength, RemovalPolicy, Size",
            ),
            (
                "        # The loader makes this root,",
                "        strong = ReferenceStrength.STRONG\n"
                "        CrossStackReferences.of(self.models).produce(strong)\n"
                "        # The loader makes this root,",
            ),
        ],
        test_weak_references.nothing_exported,
    ),
    Fault(
        "a public bucket",
        "storage.model_bucket",
        [("s3.BlockPublicAccess.BLOCK_ALL", "s3.BlockPublicAccess.BLOCK_ACLS_ONLY")],
        test_model_bucket.test_bucket_is_private_versioned_and_encrypted,
    ),
    Fault(
        "a bucket that takes requests without TLS",
        "storage.model_bucket",
        [("enforce_ssl=True", "enforce_ssl=False")],
        test_model_bucket.test_bucket_and_queue_refuse_requests_without_tls,
    ),
    Fault(
        "a bucket that goes with its stack",
        "storage.model_bucket",
        [("RemovalPolicy.RETAIN", "RemovalPolicy.DESTROY")],
        test_storage.test_bucket_outlives_its_stack_and_nothing_else_with_state_does,
    ),
    Fault(
        "a NAT gateway",
        "network.network",
        [
            ("nat_gateways=0", "nat_gateways=1"),
            (
                "            subnet_configuration=[\n",
                "            subnet_configuration=[\n                ec2.SubnetConfiguration("
                'name="Public", subnet_type=ec2.SubnetType.PUBLIC),\n',
            ),
        ],
        test_network.test_there_is_no_way_to_the_internet,
    ),
    Fault(
        "an endpoint for every bucket",
        "network.network",
        [("        endpoint.add_to_policy(_read_only(bucket))\n", "")],
        test_network.test_network_reaches_the_model_bucket_alone_and_only_reads,
    ),
    Fault(
        "a file system in the clear",
        "storage.model_store",
        [("encrypted=True", "encrypted=False")],
        test_model_store.test_file_system_is_encrypted_and_goes_with_its_stack,
    ),
]
