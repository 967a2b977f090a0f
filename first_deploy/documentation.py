"""Where expectations come from: addresses in AWS's documentation, each written once."""

LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg"
EFS = "https://docs.aws.amazon.com/efs/latest/ug"
API_GATEWAY = "https://docs.aws.amazon.com/apigateway/latest/developerguide"

LAMBDA_QUOTAS = f"{LAMBDA}/gettingstarted-limits.html"
LAMBDA_MEMORY = f"{LAMBDA}/configuration-memory.html"
LAMBDA_ASYNC = f"{LAMBDA}/invocation-async-error-handling.html"
LAMBDA_RECORDS = f"{LAMBDA}/invocation-async-retain-records.html"
LAMBDA_RUNTIME = f"{LAMBDA}/lambda-runtime-environment.html"
LAMBDA_NETWORK = f"{LAMBDA}/configuration-vpc.html"
LAMBDA_LOGS = f"{LAMBDA}/python-logging.html"
LAMBDA_IMAGES = f"{LAMBDA}/images-create.html"
EFS_IAM = f"{EFS}/iam-access-control-nfs-efs.html"
EFS_ROOTS = f"{EFS}/enforce-root-directory-access-point.html"
EFS_USERS = f"{EFS}/enforce-identity-access-points.html"
EFS_CONSISTENCY = f"{EFS}/features.html"
EFS_THROUGHPUT = f"{EFS}/performance.html"
S3_EVENTS = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html"
SNS_SQS = "https://docs.aws.amazon.com/sns/latest/dg/sns-sqs-as-subscriber.html"
API_ERRORS = f"{API_GATEWAY}/supported-gateway-response-types.html"
API_SIZES = f"{API_GATEWAY}/limits.html"
API_POLICIES = f"{API_GATEWAY}/apigateway-authorization-flow.html"
IAM_SIMULATOR = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html"
)
CODEDEPLOY_ALARMS = "https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-groups-configure-advanced-options.html"
NFS = "https://www.rfc-editor.org/rfc/rfc8881"
LANDLOCK = "https://docs.kernel.org/userspace-api/landlock.html"
ENDPOINTS = "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html"
CDK = "https://docs.aws.amazon.com/cdk/v2/guide/ref-cli-cmd-deploy.html"
COSTS = "https://docs.aws.amazon.com/cost-management/latest/userguide/ce-what-is.html"


def adr(number: int) -> str:
    """Name a decision of this project."""
    return f"ADR {number}"
