"""Runs the synthesized assembly on this machine, without Docker.

Imports go one way: a module imports only from the lines above its own.

    errors  endpoints  json_types  processes  http_listener
    state_folder  options  launcher  process_reaper  cloudformation
    process_environment  demo  assembly
    banner  images  s3
    functions  sagemaker
    gateway
    system
    __main__
"""
