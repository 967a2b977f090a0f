"""Rules for names and identifiers that appear in settings."""

from stacks.settings.rules import text

STAGE = text("[A-Za-z0-9][A-Za-z0-9-]{0,31}", "1 to 32 letters, digits and hyphens")
BUCKET_NAME = text(
    r"(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]"
    r"(?<!-s3alias)(?<!--ol-s3)(?<!--x-s3)(?<!--table-s3)",
    "an S3 bucket name of 3 to 63 lower-case letters, digits and hyphens, no dot (TLS)",
)
ORIGIN = text(
    # Browsers send an origin in lower case and without a path, and it must match exactly.
    r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9][0-9]{0,4})?",
    "an origin as `https://host[:port]`, in lower case",
)
PAGE = text(r"(https?://)?[\w.~%:@/-]{1,200}", "the address or the path of a page")
HEADER = text("[A-Za-z0-9._-]{1,128}", "the name of a header")
USER_POOL_ARN = text(
    r"arn:aws[a-z-]*:cognito-idp:[a-z0-9-]+:[0-9]{12}:userpool/[\w-]+_[0-9A-Za-z]+",
    "the ARN of a Cognito user pool",
)
VPC_ID = text("vpc-[0-9a-f]{8}([0-9a-f]{9})?", "`vpc-` and 8 or 17 hexadecimal digits")
SUBNET_ID = text("subnet-[0-9a-f]{8}([0-9a-f]{9})?", "`subnet-` and 8 or 17 hexadecimal digits")
ZONE = text(r"[a-z]{2}(-[a-z]+)+-[0-9][a-z]", "a zone such as `eu-west-1a`")
VPC_ENDPOINT_ID = text("vpce-[0-9a-f]{8}([0-9a-f]{9})?", "`vpce-` and 8 or 17 hexadecimal digits")
MODEL_NAME = text(r"[^./,\x00-\x1f\x7f][^/,\x00-\x1f\x7f]{0,127}", "a model's name, with no comma")
FIELD_NAME = text(r"[^\x00-\x1f\x7f]{1,256}", "a field's name (with a comma: in a JSON list)")
