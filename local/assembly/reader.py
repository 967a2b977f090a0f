"""Reads a synthesized assembly (`cdk.out`) into the typed resources that are run."""

import json
from collections.abc import Iterator
from pathlib import Path

from local.assembly.account import ACCOUNT, REGION
from local.assembly.assembly import Assembly
from local.assembly.assets import Assets
from local.assembly.deployment_checks import check_deployment
from local.assembly.readers.buckets import read_buckets
from local.assembly.readers.lambda_functions import read_functions
from local.assembly.readers.lambda_permissions import read_aliases, read_permissions
from local.assembly.readers.log_subscriptions import read_log_subscriptions
from local.assembly.readers.queues_and_topics import read_queues, read_topic_names
from local.assembly.readers.rest_apis import read_rest_apis
from local.assembly.readers.sagemaker_endpoints import EndpointReader
from local.assembly.readers.schedule_rules import read_schedule_rules
from local.assembly.resource_types import unsupported_resources
from local.cloudformation.resolver import Resolver
from local.cloudformation.template import Resource, Stack, parse_stack
from local.errors import AssemblyError

PUBLISHED = "PublishOutput"  # CDK's outputs for other stacks


def read_assembly(folder: Path) -> Assembly:
    """Reads `manifest.json`, and the templates and asset manifests that it names.

    Raises AssemblyError when something the run needs is missing or can't be resolved.
    """
    stacks, assets = _read_manifest(folder)
    resolver = Resolver(stacks, ACCOUNT, REGION)
    assembly = Assembly(
        region=resolver.region,
        account=resolver.account,
        functions={f.arn: f for f in read_functions(resolver, assets)},
        aliases={a.arn: a for a in read_aliases(resolver)},
        queues={q.arn: q for q in read_queues(resolver)},
        topics=tuple(read_topic_names(resolver)),
        buckets={b.name: b for b in read_buckets(resolver)},
        rules=tuple(read_schedule_rules(resolver)),
        log_subscriptions=tuple(read_log_subscriptions(resolver)),
        apis=tuple(read_rest_apis(resolver)),
        permissions=tuple(read_permissions(resolver)),
        outputs=dict(_read_outputs(resolver)),
        warnings=tuple(unsupported_resources(resolver)),
        endpoints={e.name: e for e in EndpointReader(resolver, assets).read()},
    )
    check_deployment(assembly)
    return assembly


def _read_manifest(folder: Path) -> tuple[dict[str, Stack], Assets]:
    path = folder / "manifest.json"
    if not path.is_file():
        raise AssemblyError(f"{path} is missing: synthesize first (make synth)")
    stacks: dict[str, Stack] = {}
    assets = Assets(folder)
    for name, artifact in json.loads(path.read_text())["artifacts"].items():
        properties = artifact.get("properties", {})
        if artifact["type"] == "aws:cloudformation:stack":
            template = json.loads((folder / properties["templateFile"]).read_text())
            stacks[name] = parse_stack(name, template)
        elif artifact["type"] == "cdk:asset-manifest":
            assets.add(json.loads((folder / properties["file"]).read_text()))
    return stacks, assets


def _read_outputs(resolver: Resolver) -> Iterator[tuple[str, str]]:
    for stack in resolver.stacks.values():
        for name, output in stack.outputs.items():
            if "Export" not in output and not name.startswith(PUBLISHED):
                owner = Resource(stack.name, name, "Output", {})
                yield name, str(resolver.resolve(owner, output["Value"]))
