"""What the stories have in common."""

import pytest
from auth0.management.core.api_error import ApiError


def fails(call, *args, **kwargs):
    """How a call that must fail fails: its status, and its code if there is one."""
    with pytest.raises(ApiError) as raised:
        call(*args, **kwargs)
    body = raised.value.body
    if hasattr(body, "dict"):
        body = body.dict()
    code = body.get("errorCode", body.get("error_code")) if isinstance(body, dict) else None
    return raised.value.status_code, code
