"""The serving core: the model repository, the cache, the runtimes and the wire.

It knows no AWS client, no event shape and no web framework, so that Lambda, SageMaker and the
tests run the same code. What the loader needs of it (`repository`, `naming`, `records`,
`errors`, `settings`, `verdicts`) imports the standard library alone: the loader is a plain zip.
"""
