"""S3, SQS and SNS: moto's server, and a proxy in front that sends bucket notifications."""
