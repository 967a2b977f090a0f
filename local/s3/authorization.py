"""The Authorization header of requests to moto."""


def moto_authorization(service: str, region: str) -> str:
    """Returns a header whose scope names the service for moto, which checks no signature."""
    scope = f"local/20260101/{region}/{service}/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=local"
