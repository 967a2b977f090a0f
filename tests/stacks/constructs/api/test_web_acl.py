"""The web ACL in front of the API."""

from collections.abc import Callable

from tests.stacks.deployment import Deployment


def test_web_acl_limits_each_address_and_holds_aws_rules(
    deploy: Callable[..., Deployment],
) -> None:
    deployment = deploy(waf="on", throttle_rate="7")
    acl = deployment.inference.properties("ApiWebAcl")
    limit, common, bad_inputs = (rule["Statement"] for rule in acl["Rules"])

    assert acl["Scope"] == "REGIONAL"
    assert limit["RateBasedStatement"]["Limit"] == 7 * 300
    assert acl["Rules"][0]["Action"] == {"Block": {}}
    groups = [statement["ManagedRuleGroupStatement"] for statement in (common, bad_inputs)]
    assert [group["Name"] for group in groups] == [
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
    ]
    # A body is the input of a model: large, and any text.
    assert [group["RuleActionOverrides"] for group in groups] == [
        [
            {"Name": f"{rule}_BODY", "ActionToUse": {"Count": {}}}
            for rule in (
                "CrossSiteScripting",
                "EC2MetaDataSSRF",
                "GenericLFI",
                "GenericRFI",
                "SizeRestrictions",
            )
        ],
        [
            {"Name": f"{rule}_BODY", "ActionToUse": {"Count": {}}}
            for rule in ("JavaDeserializationRCE", "Log4JRCE")
        ],
    ]


def test_web_acl_is_the_stages(guarded: Deployment) -> None:
    association = guarded.inference.properties("ApiWebAclAssociation")

    assert association["WebACLArn"] == "${ApiWebAcl.Arn}"
    assert association["ResourceArn"].endswith(
        ":/restapis/${ApiRestApi}/stages/${ApiRestApiDeploymentStagedev}"
    )
