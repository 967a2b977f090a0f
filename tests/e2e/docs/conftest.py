"""One local system for all pages, with the models and endpoints that they speak of."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.endpoints import Endpoints
from local.launcher import running_system
from modelmount.__main__ import main as modelmount
from tests.e2e.conftest import connect
from tests.e2e.docs import blocks, models
from tests.lambdas.container.folders import scripted
from tests.stacks.deployment import synthesize

STACK = "Modelmount-dev-Inference"
LOG_GROUP = "/aws/lambda/Inference"


@pytest.fixture(scope="session")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Callable[[dict[str, str]], Path]:
    """Synthesize with settings; return the assembly. The same settings are done once."""
    done: dict[str, Path] = {}

    def find(settings: dict[str, str]) -> Path:
        key = json.dumps(settings, sort_keys=True)
        if key not in done:
            done[key] = tmp_path_factory.mktemp("docs") / "cdk.out"
            synthesize(done[key], settings)
        return done[key]

    return find


@pytest.fixture(scope="session")
def endpoints_of_the_page(root: Path) -> str:
    """Return the setting `sagemaker` of its page, and what other blocks there speak of."""
    found = blocks.read(root / "docs" / "sagemaker.md")
    (text,) = (block.text for block in found if block.title == "endpoints.json")
    setting = json.loads(text)
    prefix = "s3://my-models"
    tenants = {"model_data": f"{prefix}/tenants/", "multi_model": True}
    fraud = {"model_data": f"{prefix}/fraud/1.tar.gz"}
    setting["endpoints"] |= {
        "tenants": {"variants": {"tenants": tenants}},
        "fraud": {"variants": {"fraud": fraud}},
    }
    return json.dumps(setting)


@pytest.fixture(scope="session")
def docs_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("docs-state")


@pytest.fixture(scope="session")
def system(
    synthesized: Callable[[dict[str, str]], Path],
    endpoints_of_the_page: str,
    docs_state: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Endpoints]:
    settings = {
        "sagemaker": endpoints_of_the_page,
        "dedicated": '{"fraud": {"memory_mb": 2048}}',
        "capture_percent": "100",
        "capture_redact": "name,income",
        "compile_seconds": "0",  # the pages' answers are the same, sooner
    }
    with running_system(synthesized(settings), docs_state) as endpoints:
        upload_models(endpoints)
        upload_archives(endpoints, tmp_path_factory.mktemp("archives"))
        yield endpoints


def upload_models(endpoints: Endpoints) -> None:
    client = connect(endpoints)
    sent = {key: client.put(key, content) for key, content in models.uploads()}
    for key, version_id in sent.items():
        entry = client.version(key.partition("/")[0], version_id)
        assert entry["state"] in ("current", "ready"), entry


def upload_archives(endpoints: Endpoints, folder: Path) -> None:
    """Upload what the endpoints serve."""
    model, script = folder / "model.tar.gz", folder / "script.tar.gz"
    (folder / "fraud.joblib").write_bytes(models.dumped(models.fraud()))
    scripted(folder / "script", models.SCRIPT)
    for source, target in ((folder / "fraud.joblib", model), (folder / "script", script)):
        assert modelmount(["package", str(source), "--output", str(target)]) == 0
    s3 = connect(endpoints).s3
    keys = ("resnet/1.tar.gz", "fraud/1.tar.gz", "tenants/acme/churn.tar.gz")
    for key, path in (*((key, model) for key in keys), ("gpt/1.tar.gz", script)):
        s3.put_object(Bucket="my-models", Key=key, Body=path.read_bytes())
    content = (folder / "fraud.joblib").read_bytes()
    s3.put_object(Bucket="my-models", Key="vggnet/3/model.joblib", Body=content)


@pytest.fixture(scope="session")
def variables(system: Endpoints, docs_state: Path, root: Path) -> dict[str, str]:
    """Return the variables that blocks may use, and those of the AWS command line."""
    (state,) = docs_state.glob("demo-*")
    account = {
        "AWS_ENDPOINT_URL": system.s3,
        "AWS_ACCESS_KEY_ID": system.access_key,
        "AWS_SECRET_ACCESS_KEY": system.secret_key,
        "AWS_SESSION_TOKEN": "made-up",
        "AWS_REGION": system.region,
        "AWS_DEFAULT_REGION": system.region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
    }
    return {
        **account,
        **account_around(system),
        "API": system.api,
        "BUCKET": system.bucket,
        "S3": system.s3,
        "QUEUE_URL": next(iter(system.queues.values())),
        "TOPIC": system.outputs["NoticesTopicArn"],
        "DOCS_STATE": str(state),
        "DOCS_ROOT": str(root),
    }


def account_around(system: Endpoints) -> dict[str, str]:
    """Make what an account has beside the local system: stack, log group, stream."""
    session = boto3.Session(system.access_key, system.secret_key, region_name=system.region)

    def client(name: Any) -> Any:
        return session.client(name, endpoint_url=system.s3)

    values = {
        **system.outputs,
        **_user_pool(client("cognito-idp")),
        "ApiUrl": f"{system.api}/",  # on AWS it ends so
    }
    template = {
        "Resources": {"Nothing": {"Type": "AWS::CloudFormation::WaitConditionHandle"}},
        "Outputs": {name: {"Value": value} for name, value in values.items()},
    }
    client("cloudformation").create_stack(StackName=STACK, TemplateBody=json.dumps(template))
    client("logs").create_log_group(logGroupName=LOG_GROUP)
    client("s3").create_bucket(Bucket="captured")
    role = f"arn:aws:iam::{'1' * 12}:role/to-the-stream"
    stream = client("firehose").create_delivery_stream(
        DeliveryStreamName="captured",
        S3DestinationConfiguration={"RoleARN": role, "BucketARN": "arn:aws:s3:::captured"},
    )
    return {"GROUP": LOG_GROUP, "ROLE_ARN": role, "FIREHOSE_ARN": stream["DeliveryStreamARN"]}


def _user_pool(cognito: Any) -> dict[str, str]:
    """Make the pool and the client of `auth=cognito`; return their outputs."""
    pool = cognito.create_user_pool(PoolName="users", MfaConfiguration="OFF")["UserPool"]["Id"]
    cognito.set_user_pool_mfa_config(
        UserPoolId=pool, SoftwareTokenMfaConfiguration={"Enabled": True}, MfaConfiguration="ON"
    )
    client = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="client", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    )
    return {"UserPoolId": pool, "UserPoolClientId": client["UserPoolClient"]["ClientId"]}


@pytest.fixture
def folder(root: Path, variables: dict[str, str], tmp_path: Path) -> Path:
    """Return a copy of the repository, whose command line speaks to the local system."""
    copy = tmp_path / "modelmount"
    ignored = shutil.ignore_patterns(".*", "node_modules", "cdk.out", "__pycache__", "build")
    shutil.copytree(root, copy, ignore=ignored)
    for name in (".venv", "node_modules"):
        (copy / name).symlink_to(root / name)
    (copy / ".local").symlink_to(variables["DOCS_STATE"])
    command = f'exec "{root}/bin/modelmount" --local --state "{copy}/.local" "$@"\n'
    (copy / "bin" / "modelmount").write_text(f"#!/bin/sh\n{command}")
    (copy / "fraud.joblib").write_bytes(models.dumped(models.fraud()))
    (copy / "book.json").write_text('["Once", "upon", "a", "time"]')
    return copy
