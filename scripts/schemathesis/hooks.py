"""What a description cannot say, for scripts/schemathesis/run."""

import uuid

import schemathesis

# Of what a request is refused for as a whole, not for one of its fields.
WHOLE = {"/problems/stale", "/problems/idempotency-key-reused"}


@schemathesis.hook
def before_call(context, case, kwargs):
    """A key is new for each request, and one that was sent with another is refused."""
    headers = case.headers or {}
    if "Idempotency-Key" in headers and case.meta and case.meta.generation.mode.is_positive:
        headers["Idempotency-Key"] = str(uuid.uuid4())


@schemathesis.check
def a_refusal_points(ctx, response, case):
    """What is refused as not understood says of which field or parameter that is so."""
    if response.status_code != 422:
        return
    problem = response.json()
    if problem["type"] in WHOLE:
        return
    errors = problem.get("errors") or []
    named = [error for error in errors if {"pointer", "parameter", "line"} & error.keys()]
    assert named, f"{problem['type']} says nothing of where it is wrong"
