"""The instance types that have disks of their own.

Hardware encrypts these disks, with a key that nobody can choose. SageMaker documented first that
`CreateEndpointConfig` fails with a key for them, and later that the key does not encrypt them.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ssd-instance-store.html
"""

# The families of SageMaker's `ProductionVariantInstanceType` whose types all have an instance
# store, as EC2's `DescribeInstanceTypes` says (`InstanceStorageSupported`). All others of that list
# have volumes of EBS alone.
# https://docs.aws.amazon.com/ec2/latest/instancetypes/ac.html#ac_instance-store
FAMILIES = frozenset(
    {
        *("c5d", "c6gd", "m5d", "m6gd", "r5d", "r6gd", "r7gd"),
        *("g4dn", "g5", "g6", "g6e", "g7", "g7e"),
        *("p4d", "p4de", "p5", "p5e", "p5en", "p6-b200", "p6-b300", "p6e-gb200"),
        *("dl1", "trn1", "trn1n", "trn2"),
    }
)


def has_local_storage(instance_type: str) -> bool:
    """Checks the family of a type such as `ml.g5.xlarge`. An unknown one counts as without."""
    return instance_type.split(".")[1] in FAMILIES
