"""The firewall in front of the API, which the setting `waf` asks for."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_wafv2 as waf
from constructs import Construct

WINDOW_SECONDS = 300  # a rate rule counts requests within it
# The rules of each managed group that only count: those of bodies. A body is the input of a model.
# It may have megabytes, and text may have markup, paths and addresses in it.
# https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
MANAGED: Mapping[str, Sequence[str]] = {
    "AWSManagedRulesCommonRuleSet": [
        "CrossSiteScripting_BODY",
        "EC2MetaDataSSRF_BODY",
        "GenericLFI_BODY",
        "GenericRFI_BODY",
        "SizeRestrictions_BODY",
    ],
    "AWSManagedRulesKnownBadInputsRuleSet": ["JavaDeserializationRCE_BODY", "Log4JRCE_BODY"],
}


class WebAcl(Construct):
    """A web ACL on one stage: a limit for each address, then AWS's managed rules.

    Args:
        rate: the limit in requests per second, averaged over five minutes.
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage_arn: str, rate: int) -> None:
        super().__init__(scope, construct_id)
        acl = waf.CfnWebACL(
            self,
            "WebAcl",
            scope="REGIONAL",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_visibility("WebAcl"),
            rules=[
                _rate_rule(rate),
                *(_managed_rule(n, group) for n, group in enumerate(MANAGED, 1)),
            ],
        )
        waf.CfnWebACLAssociation(
            self, "Association", resource_arn=stage_arn, web_acl_arn=acl.attr_arn
        )


def _rate_rule(rate: int) -> waf.CfnWebACL.RuleProperty:
    return waf.CfnWebACL.RuleProperty(
        name="RateOfOneAddress",
        priority=0,
        action=waf.CfnWebACL.RuleActionProperty(block={}),
        visibility_config=_visibility("RateOfOneAddress"),
        statement=waf.CfnWebACL.StatementProperty(
            rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(
                aggregate_key_type="IP",
                limit=rate * WINDOW_SECONDS,
                evaluation_window_sec=WINDOW_SECONDS,
            )
        ),
    )


def _managed_rule(priority: int, group: str) -> waf.CfnWebACL.RuleProperty:
    count = waf.CfnWebACL.RuleActionProperty(count={})
    return waf.CfnWebACL.RuleProperty(
        name=group,
        priority=priority,
        override_action=waf.CfnWebACL.OverrideActionProperty(none={}),
        visibility_config=_visibility(group),
        statement=waf.CfnWebACL.StatementProperty(
            managed_rule_group_statement=waf.CfnWebACL.ManagedRuleGroupStatementProperty(
                vendor_name="AWS",
                name=group,
                rule_action_overrides=[
                    waf.CfnWebACL.RuleActionOverrideProperty(name=rule, action_to_use=count)
                    for rule in MANAGED[group]
                ],
            )
        ),
    )


def _visibility(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    return waf.CfnWebACL.VisibilityConfigProperty(
        metric_name=name,
        cloud_watch_metrics_enabled=True,
        # Samples show headers, which may contain a credential.
        sampled_requests_enabled=False,
    )
