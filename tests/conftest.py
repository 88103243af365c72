"""Test servers for all rooms; profiles of Hypothesis: the same in every `make test`, many more in `make faults`."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["servers.fixtures"]

settings.register_profile(
    "test", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], max_examples=100
)
settings.register_profile("faults", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=3000)
settings.load_profile(os.environ.get("SYNCAGENT_HYPOTHESIS", "test"))
