"""Values of `Ref` and `Fn::GetAtt`, which CloudFormation knows only after a deployment.

They are deterministic here, in the form of AWS's own.
"""

import hashlib
from collections.abc import Callable

from local.cloudformation.context import ResolutionContext
from local.cloudformation.template import Resource

FIRST_VERSION = "1"  # a function's only version here, as after its first deployment
Attribute = Callable[[Resource, ResolutionContext], str]


def _hash(resource: Resource, length: int) -> str:
    return hashlib.sha256(f"{resource.stack}/{resource.id}".encode()).hexdigest()[:length]


def _name(key: str, limit: int) -> Attribute:
    """Returns the template's own physical name, or one from stack and logical id."""

    def name(resource: Resource, context: ResolutionContext) -> str:
        given = context.property(resource, key)
        return str(given) if given else f"{resource.stack}-{resource.id}"[:limit]

    return name


def _bucket_name(resource: Resource, context: ResolutionContext) -> str:
    return _name("BucketName", 63)(resource, context).lower()


def _arn(service: str, prefix: str, name: Attribute) -> Attribute:
    return lambda resource, context: context.arn(service, prefix + name(resource, context))


def _id(prefix: str, length: int) -> Attribute:
    return lambda resource, _context: prefix + _hash(resource, length)


_function = _name("FunctionName", 64)
_queue = _name("QueueName", 80)
_topic = _arn("sns", "", _name("TopicName", 256))
_rule = _name("Name", 64)
_log_group = _name("LogGroupName", 512)
_file_system = _id("fs-", 17)
_access_point = _id("fsap-", 17)
_role = _name("RoleName", 64)
_sagemaker_model = _name("ModelName", 63)
_endpoint_config = _name("EndpointConfigName", 63)
_endpoint = _name("EndpointName", 63)


def _unqualified_function_arn(resource: Resource, context: ResolutionContext) -> str:
    """Returns the ARN of the function of a version or alias, without a qualifier."""
    function = str(context.property(resource, "FunctionName"))
    is_arn = function.startswith("arn:")
    return function if is_arn else context.arn("lambda", f"function:{function}")


def _alias_arn(resource: Resource, context: ResolutionContext) -> str:
    return f"{_unqualified_function_arn(resource, context)}:{context.property(resource, 'Name')}"


def _version_arn(resource: Resource, context: ResolutionContext) -> str:
    return f"{_unqualified_function_arn(resource, context)}:{FIRST_VERSION}"


def _queue_url(resource: Resource, context: ResolutionContext) -> str:
    return f"https://sqs.{context.region}.amazonaws.com/{context.account}/" + _queue(
        resource, context
    )


ATTRIBUTES: dict[tuple[str, str], Attribute] = {
    ("AWS::Lambda::Function", "Ref"): _function,
    ("AWS::Lambda::Function", "Arn"): _arn("lambda", "function:", _function),
    ("AWS::Lambda::Alias", "Ref"): _alias_arn,
    ("AWS::Lambda::Version", "Ref"): _version_arn,
    ("AWS::Lambda::Version", "Version"): lambda _r, _context: FIRST_VERSION,
    ("AWS::S3::Bucket", "Ref"): _bucket_name,
    ("AWS::S3::Bucket", "Arn"): lambda r, context: f"arn:aws:s3:::{_bucket_name(r, context)}",
    ("AWS::SQS::Queue", "Ref"): _queue_url,
    ("AWS::SQS::Queue", "Arn"): _arn("sqs", "", _queue),
    ("AWS::SQS::Queue", "QueueName"): _queue,
    ("AWS::SQS::Queue", "QueueUrl"): _queue_url,
    ("AWS::SNS::Topic", "Ref"): _topic,
    ("AWS::SNS::Topic", "TopicArn"): _topic,
    ("AWS::Events::Rule", "Ref"): _rule,
    ("AWS::Events::Rule", "Arn"): _arn("events", "rule/", _rule),
    ("AWS::EFS::FileSystem", "Ref"): _file_system,
    ("AWS::EFS::FileSystem", "FileSystemId"): _file_system,
    ("AWS::EFS::FileSystem", "Arn"): _arn("elasticfilesystem", "file-system/", _file_system),
    ("AWS::EFS::AccessPoint", "Ref"): _access_point,
    ("AWS::EFS::AccessPoint", "AccessPointId"): _access_point,
    ("AWS::EFS::AccessPoint", "Arn"): _arn("elasticfilesystem", "access-point/", _access_point),
    ("AWS::IAM::Role", "Ref"): _role,
    ("AWS::IAM::Role", "Arn"): lambda r, context: (
        f"arn:aws:iam::{context.account}:role/{_role(r, context)}"
    ),
    ("AWS::Logs::LogGroup", "Ref"): _log_group,
    ("AWS::Logs::LogGroup", "Arn"): _arn("logs", "log-group:", _log_group),
    ("AWS::SageMaker::Model", "ModelName"): _sagemaker_model,
    ("AWS::SageMaker::EndpointConfig", "EndpointConfigName"): _endpoint_config,
    ("AWS::SageMaker::Endpoint", "EndpointName"): _endpoint,
    ("AWS::ApiGateway::RestApi", "Ref"): _id("", 10),
    ("AWS::ApiGateway::RestApi", "RestApiId"): _id("", 10),
    ("AWS::ApiGateway::RestApi", "RootResourceId"): _id("root", 6),
    ("AWS::ApiGateway::Resource", "Ref"): _id("", 6),
    ("AWS::ApiGateway::Resource", "ResourceId"): _id("", 6),
    ("AWS::ApiGateway::Deployment", "Ref"): _id("", 6),
    ("AWS::ApiGateway::ApiKey", "Ref"): _id("", 10),
    ("AWS::ApiGateway::UsagePlan", "Ref"): _id("", 6),
    ("AWS::Cognito::UserPool", "Ref"): _id("local_", 9),
    ("AWS::Cognito::UserPoolClient", "Ref"): _id("", 26),
    ("AWS::KMS::Key", "Arn"): _arn("kms", "key/", _id("", 36)),
    ("AWS::ApiGateway::Stage", "Ref"): lambda r, context: str(context.property(r, "StageName")),
}
