"""What takes a caller elsewhere, weeks, or a bill: a person asks, and adds the answer."""

from first_deploy.check import Check
from first_deploy.documentation import (
    API_POLICIES,
    COSTS,
    EFS_THROUGHPUT,
    LAMBDA_NETWORK,
    adr,
)

PRIVATE_API = Check(
    31,
    "A private API lets in callers of its account whose own policies allow it, and nobody else",
    "200 with `execute-api:Invoke`, 403 without it, 403 for another account",
    (API_POLICIES, "docs/settings.md#vpc_endpoint_ids"),
    None,
    by_hand="Deploy a stage with `-c vpc_endpoint_ids=…`, and call it from the endpoint's network "
    "as three roles.",
)
IDLE = Check(
    32,
    "A function that was idle for weeks answers",
    "200: the calls every three days keep its network interface",
    (LAMBDA_NETWORK, "docs/settings.md#not-settings-and-why"),
    None,
    by_hand="Leave a stage alone for five weeks, then call it once.",
)
CREDITS = Check(
    33,
    "The file system's throughput is what its mode promises",
    "elastic: no wait at the first read of 1 GB; bursting: the alarm comes before the credits end",
    (EFS_THROUGHPUT, "docs/settings.md#throughput_mode"),
    None,
    by_hand="Upload a model of 1 GB, and read `Server-Timing` of its first answer.",
)
BILL = Check(
    34,
    "The bill is what the price list says",
    "within a tenth of the estimate above",
    (COSTS, adr(34), "docs/capacity.md#cost-per-million-calls"),
    None,
    by_hand="A day later, filter Cost Explorer by the tag `stage`.",
)
