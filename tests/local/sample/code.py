"""The code of the sample's functions, and the Dockerfile of its image."""

HANDLERS = """
import json, os, signal, subprocess, sys, time

def stage(event, context):
    record = event["Records"][0]["s3"]["object"]
    key = record["key"]
    if key.startswith("fail"):
        raise ValueError("no good")
    if key.startswith("crash"):
        os.kill(os.getpid(), signal.SIGKILL)
    if key.startswith("slow"):
        time.sleep(30)
    return {"object": record, "environment": dict(os.environ), "path": sys.path, "cwd": os.getcwd()}

def sink(event, context):
    request = event["requestPayload"]["Records"][0]["s3"]["object"]["key"]
    if request.startswith("poison"):
        raise RuntimeError("sink refuses")
    name = f"{context.aws_request_id}.json"
    with open(os.path.join(os.environ["SINK_DIR"], name), "w") as file:
        json.dump(event, file)

def api(event, context):
    step = (event["queryStringParameters"] or {}).get("step") or event["path"].rsplit("/", 1)[-1]
    if step == "crash":
        os._exit(3)
    if step == "sleep":
        time.sleep(3)
    if step in ("start", "hold"):
        child = subprocess.Popen(["sleep", "60"], start_new_session=True)
    if step == "hold":
        child.wait()
    if step == "pair":
        folder = os.path.join(os.environ["LAMBDA_TASK_ROOT"], "pids")
        os.makedirs(os.path.join(folder, str(os.getpid())), exist_ok=True)
        while len(os.listdir(folder)) < 2:
            time.sleep(0.05)
    if step == "text":
        return "not an object"
    if step == "big":
        return {"statusCode": 200, "body": "x" * 6_400_000}
    if step == "raise":
        raise KeyError("x")
    body = {"event": event, "pid": os.getpid(), "environment": dict(os.environ)}
    return {"statusCode": 201, "headers": {"X-Own": "yes"}, "body": json.dumps(body)}
"""
DOCKERFILE = """
ARG BASE=public.ecr.aws/lambda/python:3.13
FROM ${BASE} AS lambda
ENV GREETING=hello HOME_OF=${LAMBDA_TASK_ROOT}/data
COPY code/ ${LAMBDA_TASK_ROOT}/
CMD ["app.api"]
"""
