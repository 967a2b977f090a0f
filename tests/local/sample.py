"""A small assembly, written by hand: a bucket, three functions in a chain, a queue, an API."""

import json
from pathlib import Path
from typing import Any

from local.cloudformation.resolver import Resolver
from local.cloudformation.template import Resource, parse_stack

HANDLERS = """
import json, os, signal, subprocess, sys, time

def stage(event, context):
    record = event["Records"][0]["s3"]["object"]
    key = record["key"]
    if key.startswith("fail"):
        raise ValueError("no good")
    if key.startswith("crash"):
        os.kill(os.getpid(), signal.SIGKILL)
    if key.startswith("slow"):
        time.sleep(30)
    return {"object": record, "environment": dict(os.environ), "path": sys.path, "cwd": os.getcwd()}

def sink(event, context):
    request = event["requestPayload"]["Records"][0]["s3"]["object"]["key"]
    if request.startswith("poison"):
        raise RuntimeError("sink refuses")
    name = f"{context.aws_request_id}.json"
    with open(os.path.join(os.environ["SINK_DIR"], name), "w") as file:
        json.dump(event, file)

def api(event, context):
    step = (event["queryStringParameters"] or {}).get("step") or event["path"].rsplit("/", 1)[-1]
    if step == "crash":
        os._exit(3)
    if step == "sleep":
        time.sleep(3)
    if step in ("start", "hold"):
        child = subprocess.Popen(["sleep", "60"], start_new_session=True)
    if step == "hold":
        child.wait()
    if step == "pair":
        folder = os.path.join(os.environ["LAMBDA_TASK_ROOT"], "pids")
        os.makedirs(os.path.join(folder, str(os.getpid())), exist_ok=True)
        while len(os.listdir(folder)) < 2:
            time.sleep(0.05)
    if step == "text":
        return "not an object"
    if step == "big":
        return {"statusCode": 200, "body": "x" * 6_400_000}
    if step == "raise":
        raise KeyError("x")
    body = {"event": event, "pid": os.getpid(), "environment": dict(os.environ)}
    return {"statusCode": 201, "headers": {"X-Own": "yes"}, "body": json.dumps(body)}
"""
DOCKERFILE = """
ARG BASE=public.ecr.aws/lambda/python:3.13
FROM ${BASE} AS lambda
ENV GREETING=hello HOME_OF=${LAMBDA_TASK_ROOT}/data
COPY code/ ${LAMBDA_TASK_ROOT}/
CMD ["app.api"]
"""

Template = dict[str, Any]


def function(handler: str, role: str = "Role", **properties: Any) -> Template:
    """A zip function of the sample's code."""
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Code": {"S3Bucket": "assets", "S3Key": "code.zip"},
            "Handler": handler,
            "Runtime": "python3.13",
            "Role": {"Fn::GetAtt": [role, "Arn"]},
            **properties,
        },
    }


def role(*statements: tuple[str, Any]) -> Template:
    """A role that allows each action on its resource."""
    allowed = [{"Effect": "Allow", "Action": a, "Resource": r} for a, r in statements]
    policy = {"PolicyName": "p", "PolicyDocument": {"Statement": allowed}}
    return {"Type": "AWS::IAM::Role", "Properties": {"Policies": [policy]}}


def get_att(name: str, attribute: str = "Arn") -> Template:
    """A Fn::GetAtt."""
    return {"Fn::GetAtt": [name, attribute]}


def template() -> Template:
    """The sample's only stack."""
    mount = {"Arn": get_att("Point"), "LocalMountPath": "/mnt/data"}
    return {
        "Files": {"Type": "AWS::EFS::FileSystem"},
        "Point": {
            "Type": "AWS::EFS::AccessPoint",
            "Properties": {
                "FileSystemId": {"Ref": "Files"},
                "RootDirectory": {"Path": "/sink", "CreationInfo": {"Permissions": "750"}},
            },
        },
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {"VersioningConfiguration": {"Status": "Enabled"}},
        },
        "Queue": {"Type": "AWS::SQS::Queue"},
        "StageRole": role(("s3:GetObject", "*"), ("lambda:InvokeFunction", get_att("Sink"))),
        "Role": role(("sqs:SendMessage", get_att("Queue"))),
        "Stage": function("app.stage", "StageRole", Timeout=1),
        "Sink": function(
            "app.sink",
            FileSystemConfigs=[mount],
            Environment={"Variables": {"SINK_DIR": "/mnt/data", "ABOVE": "/mnt/database"}},
        ),
        "StageEvents": events("Stage", 1, {"OnSuccess": "Sink", "OnFailure": "Sink"}),
        "SinkEvents": events("Sink", 0, {"OnFailure": "Queue"}),
        "Notifications": {
            "Type": "Custom::S3BucketNotifications",
            "Properties": {
                "ServiceToken": get_att("Notifier"),
                "BucketName": {"Ref": "Bucket"},
                "NotificationConfiguration": {
                    "LambdaFunctionConfigurations": [
                        {
                            "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
                            "LambdaFunctionArn": get_att("Stage"),
                            "Filter": {
                                "Key": {"FilterRules": [{"Name": "suffix", "Value": ".bin"}]}
                            },
                        }
                    ]
                },
            },
        },
        "Notifier": {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "nodejs22.x"}},
        "BucketPermission": permission("Stage", "s3.amazonaws.com", get_att("Bucket")),
        **_api(),
    }


def events(name: str, retries: int, destinations: dict[str, str]) -> Template:
    """An EventInvokeConfig."""
    return {
        "Type": "AWS::Lambda::EventInvokeConfig",
        "Properties": {
            "FunctionName": {"Ref": name},
            "MaximumRetryAttempts": retries,
            "DestinationConfig": {k: {"Destination": get_att(v)} for k, v in destinations.items()},
        },
    }


def permission(name: str, principal: str, source: Any) -> Template:
    """A resource policy statement."""
    return {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": get_att(name),
            "Principal": principal,
            "SourceArn": source,
        },
    }


def _api() -> Template:
    arn = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/${Stg}"
    return {
        "ApiFunction": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Code": {"ImageUri": {"Fn::Sub": "${AWS::AccountId}.dkr.ecr.x/assets:image1"}},
                "PackageType": "Image",
                "Role": get_att("Role"),
                "Timeout": 15,
            },
        },
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "api"}},
        "Stg": _of_api("Stage", StageName="test"),
        "Things": _of_api("Resource", ParentId=get_att("Api", "RootResourceId"), PathPart="things"),
        "Thing": _of_api("Resource", ParentId={"Ref": "Things"}, PathPart="{thing}"),
        "Post": _method("POST", "Things"),
        "Get": _method("GET", "Thing", TimeoutInMillis=1000),
        "Forbidden": _method("DELETE", "Thing"),
        "Options": _of_api(
            "Method", HttpMethod="OPTIONS", ResourceId={"Ref": "Things"}, Integration=PREFLIGHT
        ),
        "Fault": _of_api(
            "GatewayResponse",
            ResponseType="DEFAULT_4XX",
            ResponseParameters={"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"},
            ResponseTemplates={
                "application/json": '{"code":"$context.error.responseType",'
                '"message":$context.error.messageString}'
            },
        ),
        "MayPost": permission(
            "ApiFunction", "apigateway.amazonaws.com", _sub(f"{arn}/POST/things")
        ),
        "MayGet": permission(
            "ApiFunction", "apigateway.amazonaws.com", _sub(f"{arn}/GET/things/*")
        ),
    }


PREFLIGHT = {
    "Type": "MOCK",
    "RequestTemplates": {"application/json": "{ statusCode: 200 }"},
    "IntegrationResponses": [
        {
            "StatusCode": "204",
            "ResponseParameters": {
                "method.response.header.Access-Control-Allow-Origin": "'https://a.example'",
                "method.response.header.Access-Control-Allow-Methods": "'GET,POST'",
            },
            "ResponseTemplates": {
                "application/json": '#set($origin = $input.params().header.get("Origin"))\n'
                '#if($origin == "https://b.example")\n'
                "  #set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)\n"
                "#end"
            },
        }
    ],
}


def _sub(text: str) -> Template:
    return {"Fn::Sub": text}


def _of_api(kind: str, **properties: Any) -> Template:
    return {
        "Type": f"AWS::ApiGateway::{kind}",
        "Properties": {"RestApiId": {"Ref": "Api"}, **properties},
    }


def _method(verb: str, resource: str, **integration: Any) -> Template:
    uri = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
    return _of_api(
        "Method",
        HttpMethod=verb,
        ResourceId={"Ref": resource},
        AuthorizationType="NONE",
        Integration={
            "Type": "AWS_PROXY",
            "Uri": {"Fn::Join": ["", [_sub(uri), get_att("ApiFunction"), "/invocations"]]},
            **integration,
        },
    )


def write(folder: Path, resources: Template, handlers: str = HANDLERS) -> Path:
    """Write the assembly as CDK lays it out."""
    code = folder / "asset.code"
    code.mkdir(parents=True)
    (code / "app.py").write_text(handlers)
    context = folder / "asset.image"
    (context / "code").mkdir(parents=True)
    (context / "code" / "app.py").write_text(handlers)
    (context / "Dockerfile").write_text(DOCKERFILE)
    _write_json(folder / "Sample.template.json", {"Resources": resources})
    _write_json(folder / "Sample.assets.json", _assets())
    _write_json(
        folder / "manifest.json",
        {
            "artifacts": {
                "Sample": {
                    "type": "aws:cloudformation:stack",
                    "properties": {"templateFile": "Sample.template.json"},
                },
                "Sample.assets": {
                    "type": "cdk:asset-manifest",
                    "properties": {"file": "Sample.assets.json"},
                },
            }
        },
    )
    return folder


def _assets() -> Template:
    return {
        "files": {
            "code": {
                "source": {"path": "asset.code", "packaging": "zip"},
                "destinations": {"here": {"objectKey": "code.zip"}},
            }
        },
        "dockerImages": {
            "image1": {
                "source": {"directory": "asset.image", "dockerBuildTarget": "lambda"},
                "destinations": {"here": {"imageTag": "image1"}},
            }
        },
    }


def _write_json(path: Path, content: Template) -> None:
    path.write_text(json.dumps(content))


def resolver(**templates: Template) -> Resolver:
    """A resolver over stacks given by name."""
    stacks = {name: parse_stack(name, body) for name, body in templates.items()}
    return Resolver(stacks, "123456789012", "eu-west-1")


def owner(stack: str = "A") -> Resource:
    """A resource to resolve for."""
    return Resource(stack, "Owner", "AWS::Test::Owner", {})
