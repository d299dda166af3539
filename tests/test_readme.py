"""What the README must not forget."""

import re
from pathlib import Path

import pytest

from schemas.settings import Settings, variable

README = (Path(__file__).parents[1] / "README.md").read_text()
TABLE = README.partition("## Settings")[2].partition("\n## ")[0]
ROWS = dict(re.findall(r"^\| `([A-Z_]+)` \|(.*?)\|", TABLE, flags=re.MULTILINE))


@pytest.mark.parametrize("field", Settings.__struct_fields__)
def test_every_setting_is_in_the_table_with_its_default(field: str) -> None:
    documented = ROWS[variable(field)].strip("` ")
    default = getattr(Settings(), field)
    written = str(default).lower() if isinstance(default, bool) else str(default).removesuffix(".0")
    assert documented == ("" if default is None else written)


def test_every_setting_in_the_table_exists() -> None:
    assert set(ROWS) == {variable(field) for field in Settings.__struct_fields__}


@pytest.mark.parametrize("field", Settings.__struct_fields__)
def test_every_setting_says_what_it_is_for(field: str) -> None:
    assert Settings.__doc__ is not None
    assert re.search(rf"^    \s*{field}: \S", Settings.__doc__, flags=re.MULTILINE)
