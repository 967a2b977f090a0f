"""What functions see of the file system, and who lets them."""

import json

from first_deploy.check import check
from first_deploy.documentation import EFS_CONSISTENCY, EFS_IAM, EFS_ROOTS, EFS_USERS, adr
from first_deploy.result import Differs
from first_deploy.stage import Stage

NO_MOUNT = "folders here are local, and one user's: there is no IAM, and there are no access points"
INFERENCE, PUBLISH = "InferenceFunction", "ModelLoaderPublishFunction"
PREPARER, STAGE = "ModelLoaderPreparerFunction", "ModelLoaderStageFunction"
# The only keys that EFS documents to evaluate for NFS clients.
EVALUATED = {
    "aws:SecureTransport",
    "aws:SourceIp",
    "elasticfilesystem:AccessPointArn",
    "elasticfilesystem:AccessedViaMountTarget",
}


@check(
    4,
    "Inference may be asked before the first upload",
    expected="200 and no model: its mount makes the root, without ClientWrite",
    rests_on=(EFS_ROOTS, EFS_IAM, adr(23)),
    needs=(2,),
    here="the mount: folders are made by the local system",
)
def first_mount(stage: Stage) -> str:
    """List the models of a file system that nobody has mounted."""
    answer = stage.access.call("GET", "/models")
    if answer.status != 200 or answer.json.get("models") != []:
        raise Differs(answer.text)
    return answer.text


@check(
    18,
    "Inference can't write to its mount",
    expected="refused, in `models` and above it",
    rests_on=(EFS_IAM, EFS_USERS, adr(22)),
    needs=(9,),
    aws_alone=NO_MOUNT,
)
def read_only(stage: Stage) -> str:
    """Try to write in the place of inference."""
    folder = _variable(stage, INFERENCE, "MODEL_DIR")
    above = folder.rpartition("/")[0]
    with stage.aws.probe(INFERENCE, "write") as probe:
        told = [f"{path}: {probe.ask({'write': path})['write']}" for path in (folder, above)]
    return _all_refused(told)


@check(
    19,
    "Inference sees published models alone",
    expected="`models` is entered, `candidates` is refused",
    rests_on=(EFS_USERS, adr(23)),
    needs=(9,),
    aws_alone=NO_MOUNT,
)
def models_alone(stage: Stage) -> str:
    """Try to list both folders in the place of inference."""
    models = _variable(stage, INFERENCE, "MODEL_DIR")
    candidates = f"{models.rpartition('/')[0]}/candidates"
    with stage.aws.probe(INFERENCE, "enter") as probe:
        found = [probe.ask({"enter": folder})["enter"] for folder in (models, candidates)]
    told = f"models {found[0]}; candidates {found[1]}"
    if not (found[0].startswith("entered") and found[1].startswith("refused")):
        raise Differs(told)
    return told


@check(
    20,
    "A role is held to its own access point",
    expected="inference's role can't mount the loader's: making the function fails, or calling it",
    rests_on=(EFS_IAM, adr(22)),
    needs=(9,),
    aws_alone=NO_MOUNT,
)
def own_access_point(stage: Stage) -> str:
    """Mount the loader's access point with the role of inference."""
    loader = stage.aws.function(STAGE)["Configuration"]
    changed = {"FileSystemConfigs": loader["FileSystemConfigs"]}
    try:
        with stage.aws.probe(INFERENCE, "mount", **changed) as probe:
            found = probe.ask({"enter": loader["FileSystemConfigs"][0]["LocalMountPath"]})
    except Differs as refused:
        if "EFS" not in str(refused) and "mount" not in str(refused).lower():
            raise
        return str(refused)
    raise Differs(f"it was mounted: {found}")


@check(
    21,
    "The file system's policy denies, by keys that EFS evaluates",
    expected="Deny alone; no other condition key than EFS documents",
    rests_on=(EFS_IAM, adr(22)),
    needs=(2,),
    aws_alone=NO_MOUNT,
)
def policy(stage: Stage) -> str:
    """Read the policy as EFS keeps it."""
    file_system = stage.aws.outputs("Storage")["FileSystemId"]
    answer = stage.aws.client("efs").describe_file_system_policy(FileSystemId=file_system)
    statements = json.loads(answer["Policy"])["Statement"]
    effects = {statement["Effect"] for statement in statements}
    keys = {k for s in statements for test in s.get("Condition", {}).values() for k in test}
    told = f"{', '.join(sorted(effects))} by {', '.join(sorted(keys))}"
    if effects != {"Deny"} or not keys <= EVALUATED:
        raise Differs(told)
    return told


@check(
    26,
    "The preparer sees uploads on their way alone",
    expected="its root is `candidates`: there is no `models` in it or above it",
    rests_on=(EFS_ROOTS, adr(23)),
    needs=(9,),
    aws_alone=NO_MOUNT,
)
def candidates_alone(stage: Stage) -> str:
    """Look for published models in the place of the preparer."""
    folder = _variable(stage, PREPARER, "CANDIDATES_DIR")
    with stage.aws.probe(PREPARER, "candidates") as probe:
        paths = (f"{folder}/models", f"{folder}/../models")
        told = [f"{path}: {probe.ask({'enter': path})['enter']}" for path in paths]
    return _all_refused(told)


@check(
    35,
    "Opening a folder asks the server what is in it",
    expected="the mount is nfs4, without the options `nocto` and `actimeo`",
    rests_on=(EFS_CONSISTENCY, adr(27)),
    needs=(9,),
    aws_alone=NO_MOUNT,
)
def close_to_open(stage: Stage) -> str:
    """Read the options of inference's mount: new versions are seen soon by close-to-open alone."""
    found = stage.aws.function(INFERENCE)["Configuration"]
    folder = found["FileSystemConfigs"][0]["LocalMountPath"]
    with stage.aws.probe(INFERENCE, "options") as probe:
        told = str(probe.ask({"mount_options": folder})["mount_options"])
    kind, _, options = told.partition(" ")
    names = {option.partition("=")[0] for option in options.split(",")}
    if kind != "nfs4" or names & {"nocto", "actimeo"}:
        raise Differs(told)
    return told


def _variable(stage: Stage, function: str, name: str) -> str:
    found = stage.aws.function(function)["Configuration"]["Environment"]["Variables"]
    return str(found[name])


def _all_refused(told: list[str]) -> str:
    text = "; ".join(told)
    if not all(": refused" in each for each in told):
        raise Differs(text)
    return text
