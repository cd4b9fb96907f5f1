"""What every model promises, a check each, for the tests of a plugin and `ganzoo plugin check`.

import pytest
from ganzoo.testing import checks

@pytest.mark.parametrize("check", checks(spec), ids=str)
def test_promise(check):
    check.run()
"""

from ganzoo.testing.conformance import PROMISES, Check, CheckFailed, Promise, checks

__all__ = ["PROMISES", "Check", "CheckFailed", "Promise", "checks"]
