"""Models with a function of their own: the routes that lead there, and the function."""

import json
from collections.abc import Callable

import pytest

from stacks.settings.dedicated_model import MAX_MODELS
from stacks.settings.errors import SettingsError
from stacks.settings.settings import Settings
from tests.stacks.configurations import OTHER_EVERYTHING
from tests.stacks.constructs.functions.policies import (
    mount,
    own_log_and_network,
)
from tests.stacks.deployment import Deployment

DEDICATED = {"fraud": {"memory_mb": 2048, "provisioned_concurrency": 2}, "a.b-c": {}}
SHARED = "${InferenceFunction.Arn}"
ALIAS = "${DedicatedfraudAlias}"
OWN = {
    ("POST", "/inference/{}"),
    ("GET", "/v1/models/{}"),
    ("HEAD", "/v1/models/{}"),
    ("ANY", "/v1/models/{}/{{proxy+}}"),
    ("POST", "/v1/models/{}:predict"),
    ("GET", "/v2/models/{}"),
    ("HEAD", "/v2/models/{}"),
    ("ANY", "/v2/models/{}/{{proxy+}}"),
}
BESIDE = {
    ("ANY", f"/{protocol}/models{rest}") for protocol in ("v1", "v2") for rest in ("", "/{proxy+}")
}


@pytest.fixture(scope="session")
def dedicated(deploy: Callable[..., Deployment]) -> Deployment:
    return deploy(dedicated=json.dumps(DEDICATED))


def test_own_paths_lead_to_the_own_function(dedicated: Deployment) -> None:
    functions = {"fraud": ALIAS, "a.b-c": "${DedicatedabcFunction.Arn}"}
    for model, function in functions.items():
        for verb, path in OWN:
            method = dedicated.inference.routes[verb, path.format(model)]
            assert f"/functions/{function}/invocations" in method["Integration"]["Uri"]


def test_every_other_path_leads_where_it_did(default: Deployment, dedicated: Deployment) -> None:
    own = {(verb, path.format(model)) for verb, path in OWN for model in DEDICATED}
    others = {k: m for k, m in dedicated.inference.routes.items() if k not in own}

    # A fixed segment takes all paths below it from the `{proxy+}` beside it.
    assert others.keys() == default.inference.routes.keys() | BESIDE
    for method in others.values():
        assert f"/functions/{SHARED}/invocations" in method["Integration"]["Uri"]


def test_own_paths_let_in_the_same_callers(
    deploy: Callable[..., Deployment], dedicated: Deployment
) -> None:
    by_key = deploy(**OTHER_EVERYTHING)
    for deployment, *expected in ((dedicated, "AWS_IAM", False), (by_key, "NONE", True)):
        routes = deployment.inference.routes
        assert ("POST", "/inference/fraud") in routes
        for method in routes.values():
            assert [method["AuthorizationType"], method["ApiKeyRequired"]] == expected


def test_browsers_may_ask_on_own_paths(dedicated: Deployment) -> None:
    methods = dedicated.inference.methods
    expected = methods["OPTIONS", "/inference"]["Integration"]

    assert expected["ContentHandling"] == "CONVERT_TO_TEXT"
    for _, path in dedicated.inference.routes:
        assert methods["OPTIONS", path]["Integration"] == expected


def test_the_function_is_inference_for_one_model(dedicated: Deployment) -> None:
    shared = dedicated.function("inference")
    own = dedicated.inference.properties("DedicatedfraudFunction")
    own_parts = {"Environment", "ImageConfig", "LoggingConfig", "MemorySize", "Role", "VpcConfig"}

    assert {key for key in shared if own[key] != shared[key]} == own_parts
    assert own["MemorySize"] == 2048
    assert own["ImageConfig"] == {"Command": ["inference.dedicated.handler"]}
    assert own["Environment"]["Variables"] == {
        **shared["Environment"]["Variables"],
        "PRELOAD": "fraud",
        "MODEL": "fraud",
    }
    assert dedicated.inference.properties("DedicatedabcFunction")["MemorySize"] == 10240


def test_instances_are_kept_started_where_they_are_asked_for(dedicated: Deployment) -> None:
    (version,) = dedicated.inference.of_type("AWS::Lambda::Version").values()
    aliases = dedicated.inference.of_type("AWS::Lambda::Alias")

    assert version["FunctionName"] == "${DedicatedfraudFunction}"
    assert aliases.keys() == {"DedicatedfraudAlias"}
    alias = aliases["DedicatedfraudAlias"]
    assert alias["FunctionName"] == "${DedicatedfraudFunction}"
    assert alias["FunctionVersion"].startswith("${DedicatedfraudFunctionCurrentVersion")
    assert alias["ProvisionedConcurrencyConfig"] == {"ProvisionedConcurrentExecutions": 2}


@pytest.mark.parametrize("name", ["fraud", "abc"])
def test_the_role_holds_what_that_of_inference_holds(dedicated: Deployment, name: str) -> None:
    template, identity = dedicated.inference, f"Dedicated{name}Identity"
    role = f"${{{identity}Role}}"
    policies = [
        policy["PolicyDocument"]["Statement"]
        for policy in template.of_type("AWS::IAM::Policy").values()
        if role in policy["Roles"]
    ]

    assert policies == [
        [*own_log_and_network(identity), mount("Models", actions="elasticfilesystem:ClientMount")]
    ]
    assert template.properties(f"{identity}Role").keys() == {"AssumeRolePolicyDocument", "Tags"}
    function = template.properties(f"Dedicated{name}Function")
    assert function["Role"] == f"${{{identity}Role.Arn}}"
    (shared,) = template.properties("InferenceFunction")["FileSystemConfigs"]
    assert function["FileSystemConfigs"] == [shared]


def test_storage_lets_no_new_role_write(default: Deployment, dedicated: Deployment) -> None:
    """The file system denies writing to all roles but the loader's, also to added ones."""
    before, after = (
        deployment.storage.properties("ModelStoreFileSystem")["FileSystemPolicy"]
        for deployment in (default, dedicated)
    )

    assert after == before


def test_only_own_routes_may_invoke_it(dedicated: Deployment) -> None:
    permissions = dedicated.inference.of_type("AWS::Lambda::Permission").values()
    own = [p for p in permissions if p["FunctionName"] == ALIAS]
    api = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${ApiRestApi}"
    paths = {path.format("fraud").replace("{proxy+}", "*") for _, path in OWN}

    assert {p["SourceArn"] for p in own} == {
        f"{api}/${{ApiRestApiDeploymentStagedev}}/*{path}" for path in paths
    }
    # A permission for the function does not hold for its alias, and vice versa.
    assert not [p for p in permissions if p["FunctionName"].startswith("${DedicatedfraudFunction")]


def test_as_many_as_are_allowed_fit_into_a_stack(
    default: Deployment, dedicated: Deployment, deploy: Callable[..., Deployment]
) -> None:
    """CloudFormation takes no more than 500 resources."""
    kinds = [resource["Type"] for resource in dedicated.inference.resources.values()]
    added = len(kinds) - len(default.inference.resources)
    beside = 4 + 4 + 2 * len(BESIDE)  # resources, preflights, methods with permissions
    each = (added - beside) / len(DEDICATED)
    with_a_key = 3
    endpoint = {"variants": {"v": {"model_data": "s3://models/m.tar.gz"}}}
    with_sagemaker = deploy(sagemaker=json.dumps({"endpoints": {"e": endpoint}}))
    routes = with_sagemaker.inference.resources.keys() - default.inference.resources.keys()
    others = len(default.inference.resources) + with_a_key + beside + len(routes)

    assert others + MAX_MODELS * (each + 1) <= 500
    with pytest.raises(SettingsError, match=f"up to {MAX_MODELS} models"):
        Settings.from_context({"dedicated": {f"m{i}": {} for i in range(MAX_MODELS + 1)}})
