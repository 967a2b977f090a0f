"""A stage in an AWS account, deployed by the CDK command line."""

from collections.abc import Iterator, Mapping
from typing import Any

import boto3
from botocore.exceptions import ClientError

from first_deploy.access import Access
from first_deploy.cdk import Cdk
from first_deploy.deployment import DeploymentFailed
from first_deploy.journal import Journal
from first_deploy.leftovers import KEPT, MADE_BY_CHECKS, Leftovers
from first_deploy.probe.probe_function import ProbeFunction
from modelmount.target import aws_target

STACKS = ("Storage", "Inference", "SageMaker")
RUN_TAG = "first-deploy"
ROOT_FOLDER = "REPOSITORY_DIR"
SETTLE_SECONDS = 120.0


class AwsDeployment:
    """The stage of a journal.

    Attributes:
        session: with the operator's credentials.
    """

    is_local = False

    def __init__(
        self,
        journal: Journal,
        settings: dict[str, str],
        cdk: Cdk | None = None,
        settle_seconds: float = SETTLE_SECONDS,
    ) -> None:
        self.stage = journal.stage
        self.session = boto3.Session()
        self._journal = journal
        self._settle_seconds = settle_seconds
        self._cdk = cdk or Cdk(self.stage, settings)
        self._leftovers = Leftovers(self.client, self.stage, journal)

    def client(self, service: str) -> Any:
        """Return a client."""
        session: Any = self.session
        return session.client(service)

    def describe(self) -> str:
        """Say where it is. Raises DeploymentFailed without credentials or a region."""
        if not self.session.region_name:
            raise DeploymentFailed("No region is set: export AWS_REGION, or configure the profile.")
        who = self.client("sts").get_caller_identity()
        place = f"account {who['Account']}, region {self.session.region_name}"
        return f"Stage {self.stage} in {place}, as {who['Arn']}."

    def deploy(self, **settings: str) -> None:
        """Deploy all stacks, tagged with the run, with further settings."""
        self.refuse_what_is_not_ours()
        # These take the place of the stack's own tags.
        tags = {"app": "modelmount", "stage": self.stage, RUN_TAG: self._journal.run}
        options = [text for k, v in tags.items() for text in ("--tags", f"{k}={v}")]
        options += [text for k, v in settings.items() for text in ("-c", f"{k}={v}")]
        self._cdk.run("deploy", "--all", "--require-approval", "never", *options)

    def difference(self) -> str:
        """Return what `cdk diff` says. Raises DeploymentFailed where something differs."""
        return self._cdk.run("diff", "--fail")

    def access(self) -> Access:
        """Find the stage by its outputs."""
        outputs = self.outputs("Storage") | self.outputs("Inference")
        return Access(
            target=aws_target(self.stage),
            api=outputs["ApiUrl"].rstrip("/"),
            bucket=outputs["BucketName"],
            topic=outputs["NoticesTopicArn"],
            session=self.session,
        )

    def outputs(self, stack: str) -> dict[str, str]:
        """Return a stack's outputs."""
        answer = self.client("cloudformation").describe_stacks(StackName=self._stack(stack))
        return {o["OutputKey"]: o["OutputValue"] for o in answer["Stacks"][0].get("Outputs", [])}

    def physical_id(self, resource_type: str, begins: str) -> str:
        """Return the name of the resource of a type whose logical id begins so."""
        for stack in STACKS[:2]:
            pages = self.client("cloudformation").get_paginator("list_stack_resources")
            for page in pages.paginate(StackName=self._stack(stack)):
                for found in page["StackResourceSummaries"]:
                    is_it = found["LogicalResourceId"].startswith(begins)
                    if found["ResourceType"] == resource_type and is_it:
                        return str(found["PhysicalResourceId"])
        raise DeploymentFailed(f"The stage has no {resource_type} {begins}…")

    def function(self, begins: str) -> Mapping[str, Any]:
        """Return a function's configuration, by the beginning of its logical id."""
        name = self.physical_id("AWS::Lambda::Function", begins)
        found: Mapping[str, Any] = self.client("lambda").get_function(FunctionName=name)
        return found

    def probe(self, like: str, kind: str, **changed: Any) -> ProbeFunction:
        """Return a function that runs our code as a function of the stage runs its own."""
        name = f"{self.stage}-probe-{kind}"
        self._journal.note(f"lambda:{name}")
        return ProbeFunction.create(self.client("lambda"), name, self.function(like), changed)

    def lose_file_system(self) -> None:
        """Delete all models by a probe that has the loader's mount."""
        publish = self.function("ModelLoaderPublishFunction")
        folder = publish["Configuration"]["Environment"]["Variables"][ROOT_FOLDER]
        with self.probe("ModelLoaderPublishFunction", "lose") as probe:
            probe.ask({"empty": f"{folder}/models"})

    def log_lines(self, function: str) -> list[str]:
        """Return the lines of a function's log group."""
        found = self.function(function)["Configuration"]
        group = found.get("LoggingConfig", {}).get("LogGroup")
        group = group or f"/aws/lambda/{found['FunctionName']}"
        pages = self.client("logs").get_paginator("filter_log_events")
        return [e["message"] for p in pages.paginate(logGroupName=group) for e in p["events"]]

    def destroy(self) -> list[str]:
        """Remove the stacks and what they keep; return what is left."""
        self.refuse_what_is_not_ours()
        self._leftovers.remove(*MADE_BY_CHECKS)
        stacks = list(self._existing())
        self._leftovers.note_kept(stacks)
        if stacks:
            self._cdk.run("destroy", "--all", "--force")
        self._leftovers.remove(*KEPT.values())
        return [
            *self._leftovers.found(self._settle_seconds),
            *(f"stack {name}" for name in self._existing()),
        ]

    def refuse_what_is_not_ours(self) -> None:
        """Raise DeploymentFailed if a stack of this name lacks the run's tag."""
        for name in self._existing():
            answer = self.client("cloudformation").describe_stacks(StackName=name)
            tags = {t["Key"]: t["Value"] for t in answer["Stacks"][0].get("Tags", [])}
            if tags.get(RUN_TAG) != self._journal.run:
                raise DeploymentFailed(
                    f"The stack {name} is there and isn't this run's: nothing was touched. "
                    "Choose another --stage."
                )

    def _existing(self) -> Iterator[str]:
        for stack in STACKS:
            name = self._stack(stack)
            try:
                self.client("cloudformation").describe_stacks(StackName=name)
            except ClientError as error:
                if "does not exist" in str(error):
                    continue
                raise
            yield name

    def _stack(self, name: str) -> str:
        return f"Modelmount-{self.stage}-{name}"
