"""What typed figures are checked for."""

import pytest

from ivr.typed import is_phone


@pytest.mark.parametrize("typed", ["13900000000", "02887654321", "075586543210", "88886666"])
def test_telephone_numbers(typed: str) -> None:
    assert is_phone(typed)


@pytest.mark.parametrize("typed", ["12345", "10000000000", "139000000000", "00852123456", "1", ""])
def test_other_figures_are_no_telephone_number(typed: str) -> None:
    assert not is_phone(typed)
