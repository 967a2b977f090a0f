"""The CloudFormation types that are run locally, and those that need not be."""

from collections.abc import Iterator

from local.cloudformation.resolver import Resolver

_RUN = {
    "AWS::ApiGateway::ApiKey",
    "AWS::ApiGateway::GatewayResponse",
    "AWS::ApiGateway::Method",
    "AWS::ApiGateway::Resource",
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Stage",
    "AWS::ApiGateway::UsagePlan",
    "AWS::ApiGateway::UsagePlanKey",
    "AWS::EFS::AccessPoint",
    "AWS::EFS::FileSystem",
    "AWS::Events::Rule",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Version",
    "AWS::Logs::SubscriptionFilter",
    "AWS::S3::Bucket",
    "AWS::SNS::Topic",
    "AWS::SageMaker::Endpoint",
    "AWS::SageMaker::EndpointConfig",
    "AWS::SageMaker::Model",
    "AWS::SQS::Queue",
    "Custom::S3BucketNotifications",
}
# These shape the deployment; nothing that runs here depends on them.
_INERT = (
    "AWS::ApiGateway::Account",
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::Authorizer",
    "AWS::ApplicationAutoScaling::",
    "AWS::CDK::Metadata",
    "AWS::CloudWatch::",
    "AWS::CodeDeploy::",
    "AWS::Cognito::",
    "AWS::EC2::",
    "AWS::EFS::MountTarget",
    "AWS::IAM::",
    "AWS::KMS::",
    "AWS::Logs::",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "Custom::VpcRestrictDefaultSG",
)


def unsupported_resources(resolver: Resolver) -> Iterator[str]:
    """Yields a warning for each resource that does nothing here."""
    for resource in resolver.resources:
        if resource.type not in _RUN and not resource.type.startswith(_INERT):
            yield f"{resource.where} has no local counterpart: it does nothing here"
