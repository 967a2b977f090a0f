"""The sample's REST API."""

from typing import Any

from tests.local.sample.resources import Template, get_att, permission

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


def rest_api() -> Template:
    """Returns the API, with a function of its own behind it."""
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
