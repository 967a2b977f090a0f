"""The firewall in front of the API, where the setting `waf` asks for one."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_wafv2 as waf
from constructs import Construct

FIVE_MINUTES = 300  # seconds; what a rate rule counts over
# By managed group, the rules that only count. Bodies here are models' inputs, megabytes of them:
# the common rules would refuse whatever is larger than 8 KB.
MANAGED: Mapping[str, Sequence[str]] = {
    "AWSManagedRulesCommonRuleSet": ["SizeRestrictions_BODY"],
    "AWSManagedRulesKnownBadInputsRuleSet": [],
}


class WebAcl(Construct):
    """A web ACL on one stage: a limit for each address, then AWS's managed rules.

    Args:
        rate: requests per second of the whole API. An address that takes all of it for five minutes
            is refused until it doesn't.
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage_arn: str, rate: int) -> None:
        super().__init__(scope, construct_id)
        acl = waf.CfnWebACL(
            self,
            "WebAcl",
            scope="REGIONAL",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_visible("WebAcl"),
            rules=[_limit(rate), *(_managed(n, group) for n, group in enumerate(MANAGED, 1))],
        )
        waf.CfnWebACLAssociation(
            self, "Association", resource_arn=stage_arn, web_acl_arn=acl.attr_arn
        )


def _limit(rate: int) -> waf.CfnWebACL.RuleProperty:
    return waf.CfnWebACL.RuleProperty(
        name="RateOfOneAddress",
        priority=0,
        action=waf.CfnWebACL.RuleActionProperty(block={}),
        visibility_config=_visible("RateOfOneAddress"),
        statement=waf.CfnWebACL.StatementProperty(
            rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(
                aggregate_key_type="IP",
                limit=rate * FIVE_MINUTES,
                evaluation_window_sec=FIVE_MINUTES,
            )
        ),
    )


def _managed(priority: int, group: str) -> waf.CfnWebACL.RuleProperty:
    count = waf.CfnWebACL.RuleActionProperty(count={})
    return waf.CfnWebACL.RuleProperty(
        name=group,
        priority=priority,
        override_action=waf.CfnWebACL.OverrideActionProperty(none={}),
        visibility_config=_visible(group),
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


def _visible(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    return waf.CfnWebACL.VisibilityConfigProperty(
        metric_name=name,
        cloud_watch_metrics_enabled=True,
        # Samples show headers; a credential may be among them.
        sampled_requests_enabled=False,
    )
