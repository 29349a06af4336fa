"""A loopback world for `nhi demo` and the tests (extra `sandbox`): an AWS, and an evaluator of IAM policies."""
