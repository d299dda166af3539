"""One extractor for all tests of the extraction: loading the models takes seconds."""

import pytest

from schemas.settings import Settings
from workers.extraction.extractor import Extractor


@pytest.fixture(scope="session")
def extractor() -> Extractor:
    made = Extractor(Settings())
    made.warm_up()
    return made
