"""Readers that turn CloudFormation resources into typed ones, one AWS service a module."""
