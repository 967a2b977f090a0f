"""The file system that models are served from, with an access point for each kind of function."""

from aws_cdk import RemovalPolicy, Size
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.network.network import Network
from stacks.settings.settings import Settings

MOUNT_PATH = "/mnt/ml"
MODELS_PATH = f"{MOUNT_PATH}/models"  # of inference, below its access point's root
EXPORT = "/export/lambda"
LOADER = "1001"  # owns all files
READER = "1002"  # shares the group of the files, and owns none
PREPARER = "1003"  # likewise, but for its results beside an upload


class ModelStore(Construct):
    """An encrypted file system with an access point for each kind of function.

    Attributes:
        file_system: the file system itself.
        everything: the access point of the loader.
        candidates: the access point of the preparer. Its user may enter the candidate that it is
            told of, and lists no other.
        models: the access point of inference, whose user may enter `models/` alone, and only read.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        network: Network,
        key: kms.IKey | None,
        settings: Settings,
    ) -> None:
        super().__init__(scope, construct_id)
        self.file_system = self._file_system(network, key, settings)
        # A trap: EFS makes a root at its first mount, and the folders above it with an owner that
        # it doesn't document. So both roots that it makes are the same folder.
        self.everything = self._access_point("Everything", EXPORT, user=LOADER, makes_root=True)
        self.models = self._access_point("Models", EXPORT, user=READER, makes_root=True)
        # The loader makes this root, before it ever starts the preparer.
        self.candidates = self._access_point("Candidates", f"{EXPORT}/candidates", user=PREPARER)

    def mount(self, access_point: efs.IAccessPoint, *, writable: bool) -> lambda_.FileSystem:
        """Returns the mount of `access_point`, with the least permissions for it."""
        actions = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
        return lambda_.FileSystem(
            arn=access_point.access_point_arn,
            local_mount_path=MOUNT_PATH,
            connections=self.file_system.connections,
            dependency=[self.file_system.mount_targets_available],
            policies=[
                iam.PolicyStatement(
                    actions=actions if writable else actions[:1],
                    resources=[self.file_system.file_system_arn],
                    conditions={
                        "StringEquals": {
                            "elasticfilesystem:AccessPointArn": access_point.access_point_arn
                        }
                    },
                )
            ],
        )

    def _file_system(
        self, network: Network, key: kms.IKey | None, settings: Settings
    ) -> efs.FileSystem:
        mibps = settings.provisioned_throughput_mibps
        return efs.FileSystem(
            self,
            f"FileSystem{network.revision}",
            vpc=network.vpc,
            vpc_subnets=network.subnets,
            security_group=self._security_group(network),
            encrypted=True,
            kms_key=key,
            throughput_mode=efs.ThroughputMode[settings.throughput_mode.upper()],
            provisioned_throughput_per_second=Size.mebibytes(mibps) if mibps else None,
            # Most bytes belong to old versions that nobody reads.
            lifecycle_policy=efs.LifecyclePolicy.AFTER_30_DAYS,
            out_of_infrequent_access_policy=efs.OutOfInfrequentAccessPolicy.AFTER_1_ACCESS,
            # Everything in it can be rebuilt from the bucket: it needs no backup.
            removal_policy=RemovalPolicy.DESTROY,
            # A trap: with False, CDK adds a statement that *allows* everybody ClientWrite. A file
            # system with any policy of its own refuses anonymous clients anyway.
            allow_anonymous_access=True,
            file_system_policy=_policy(),
        )

    def _security_group(self, network: Network) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(
            self,
            "SecurityGroup",
            vpc=network.vpc,
            description="Mount targets of the model store",
            allow_all_outbound=False,
        )

    def _access_point(
        self, name: str, path: str, *, user: str, makes_root: bool = False
    ) -> efs.AccessPoint:
        root = efs.Acl(owner_uid=LOADER, owner_gid=LOADER, permissions="750")
        return self.file_system.add_access_point(
            name,
            path=path,
            posix_user=efs.PosixUser(uid=user, gid=LOADER),
            create_acl=root if makes_root else None,
        )


def _policy() -> iam.PolicyDocument:
    """Returns denials only. The role of each function holds what is allowed.

    A trap: EFS enforces four condition keys for NFS clients, and no other. A denial unless
    `aws:PrincipalArn` is a certain role would deny everybody.
    https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
    """
    return iam.PolicyDocument(
        statements=[
            _deny("DenyUnencrypted", ["*"], {"Bool": {"aws:SecureTransport": "false"}}),
            _deny(
                "DenyOutsideAccessPoints",
                ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
                {"Null": {"elasticfilesystem:AccessPointArn": "true"}},
            ),
            _deny("DenyRoot", ["elasticfilesystem:ClientRootAccess"], {}),
        ]
    )


def _deny(
    sid: str, actions: list[str], conditions: dict[str, dict[str, str]]
) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid=sid,
        effect=iam.Effect.DENY,
        principals=[iam.AnyPrincipal()],
        actions=actions,
        conditions=conditions or None,
    )
