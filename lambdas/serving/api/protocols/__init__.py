"""Wire protocols of other servers, spoken by the same core; each is imported when first asked."""
