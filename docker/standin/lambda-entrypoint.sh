#!/bin/sh
# As in AWS's base images: the handler's name is the command; without Lambda's runtime API its emulator provides one.
if [ -z "$AWS_LAMBDA_RUNTIME_API" ]; then
    exec aws-lambda-rie python -m awslambdaric "$@"
fi
exec python -m awslambdaric "$@"
