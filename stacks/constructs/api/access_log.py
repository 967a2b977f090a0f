"""The access log of the API: requests and their results, but never a payload."""

from aws_cdk import aws_apigateway as apigateway

ACCESS_LOG_FORMAT = apigateway.AccessLogFormat.custom(
    '{"requestId":"$context.requestId","time":"$context.requestTimeEpoch",'
    '"ip":"$context.identity.sourceIp","method":"$context.httpMethod",'
    '"path":"$context.resourcePath","status":"$context.status",'
    '"error":"$context.error.responseType","bytes":"$context.responseLength",'
    '"latencyMs":"$context.responseLatency","integrationStatus":"$context.integration.status",'
    '"integrationLatencyMs":"$context.integration.latency"}'
)
