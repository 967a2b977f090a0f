import pytest

from local.errors import AssemblyError
from local.json_types import Json
from tests.local.cloudformation.resolving import owner, resolver

A = {
    "Mappings": {"Registry": {"eu-west-1": {"account": "763104351884"}}},
    "Parameters": {"Size": {"Default": "7"}, "Bare": {}},
    "Resources": {
        "Fn": {"Type": "AWS::Lambda::Function", "Properties": {}},
        "Named": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "named"}},
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Bucket": {"Type": "AWS::S3::Bucket"},
        "Odd": {"Type": "AWS::Odd::Thing"},
    },
}
B = {
    "Outputs": {
        "Out": {"Value": {"Ref": "Queue"}, "Export": {"Name": "B:Queue"}},
        "Name": {"Value": {"Fn::GetAtt": ["Queue", "QueueName"]}},
    },
    "Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q"}}},
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain", "plain"),
        ({"a": [1, {"Ref": "AWS::Region"}]}, {"a": [1, "eu-west-1"]}),
        ({"Ref": "Fn"}, "A-Fn"),
        ({"Ref": "Named"}, "named"),
        ({"Ref": "Bucket"}, "a-bucket"),
        ({"Ref": "Size"}, "7"),
        ({"Ref": "AWS::StackName"}, "A"),
        ({"Fn::GetAtt": ["Fn", "Arn"]}, "arn:aws:lambda:eu-west-1:123456789012:function:A-Fn"),
        ({"Fn::GetAtt": "Bucket.Arn"}, "arn:aws:s3:::a-bucket"),
        ({"Fn::Join": ["-", ["x", {"Ref": "AWS::AccountId"}]]}, "x-123456789012"),
        ({"Fn::Sub": "${AWS::Partition}/${Queue.QueueName}/${!Literal}"}, "aws/A-Queue/${Literal}"),
        ({"Fn::Sub": ["${v}!", {"v": {"Ref": "Named"}}]}, "named!"),
        ({"Fn::Select": ["1", {"Fn::Split": [":", "a:b:c"]}]}, "b"),
        ({"Fn::Select": [0, {"Fn::GetAZs": ""}]}, "eu-west-1a"),
        ({"Fn::FindInMap": ["Registry", {"Ref": "AWS::Region"}, "account"]}, "763104351884"),
        ({"Fn::GetStackOutput": {"StackName": "B", "OutputName": "Name"}}, "q"),
        ({"Fn::ImportValue": "B:Queue"}, "https://sqs.eu-west-1.amazonaws.com/123456789012/q"),
    ],
)
def test_resolves(value: Json, expected: Json) -> None:
    assert resolver(A=A, B=B).resolve(owner(), value) == expected


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ({"Ref": "Missing"}, ["A/Owner", "Missing"]),
        ({"Ref": "Bare"}, ["A/Owner", "Bare", "no default"]),
        ({"Ref": "Odd"}, ["A/Owner", "A/Odd (AWS::Odd::Thing)", "Ref"]),
        ({"Fn::GetAtt": ["Fn", "Nope"]}, ["A/Owner", "A/Fn", "Nope"]),
        ({"Fn::ImportValue": "C:None"}, ["A/Owner", "C:None"]),
        (
            {"Fn::GetStackOutput": {"StackName": "B", "OutputName": "None"}},
            ["A/Owner", "None", "no output of B"],
        ),
        ({"Fn::Select": ["5", ["a"]]}, ["A/Owner", "Fn::Select 5"]),
        ({"Fn::FindInMap": ["Registry", "eu-west-9", "account"]}, ["A/Owner", "has no eu-west-9"]),
        ({"Fn::Cidr": ["10.0.0.0/16", 2]}, ["A/Owner", "Fn::Cidr", "Fn::GetAtt"]),
    ],
)
def test_names_stack_and_resource_of_what_it_cannot_resolve(value: Json, names: list[str]) -> None:
    with pytest.raises(AssemblyError) as error:
        resolver(A=A, B=B).resolve(owner(), value)
    assert all(name in str(error.value) for name in names)


def test_the_same_template_always_gives_the_same_ids() -> None:
    template = {"Resources": {"Fs": {"Type": "AWS::EFS::FileSystem"}}}
    first, second = (resolver(A=template).resolve(owner(), {"Ref": "Fs"}) for _ in range(2))
    assert first == second
    assert first.startswith("fs-")
