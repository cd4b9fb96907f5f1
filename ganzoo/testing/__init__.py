"""Conformance checks of a model, for the tests of a plugin and for `ganzoo plugin check`.

import pytest
from ganzoo.testing import checks

@pytest.mark.parametrize("check", checks(spec), ids=str)
def test_conformance(check):
    check.run()
"""

from ganzoo.testing.conformance import REQUIREMENTS, Check, CheckFailed, Requirement, checks

__all__ = ["REQUIREMENTS", "Check", "CheckFailed", "Requirement", "checks"]
