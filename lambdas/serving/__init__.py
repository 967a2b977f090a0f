"""The serving core: the model repository, the cache, the service and the API.

It knows no AWS client, no event shape and no web framework, so that Lambda, SageMaker and the
tests run the same code. The rooms that the loader imports (`repository`, `formats`, `records`,
`settings`, `errors`) need the standard library alone: the loader is a plain zip.
"""
