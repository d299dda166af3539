"""`docs/records.md`: its example is what the code gives, and no field is missing."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from schemas.article import Article
from schemas.event import Coder, Event, Evidence
from workers.extraction.extractor import Extractor

PAGE = (Path(__file__).parents[2] / "docs" / "records.md").read_text(encoding="utf-8")
ARTICLE, RECORD = map(json.loads, re.findall(r"```json\n(.*?)```", PAGE, flags=re.DOTALL))
ROWS = " ".join(re.findall(r"^\| (`.*?) \|", PAGE, flags=re.MULTILINE))
CHANGING = {"timestamp", "coder", "confidence"}
"""What is another with each version, model or run."""


def test_the_example_is_what_the_code_gives(extractor: Extractor) -> None:
    article = msgspec.convert(ARTICLE, Article)
    (event,) = extractor.extract(article, datetime.now(UTC)).events
    record = json.loads(msgspec.json.encode(event))
    assert list(record) == list(RECORD)
    for field in record.keys() - CHANGING:
        assert record[field] == RECORD[field], field


def test_every_field_is_explained() -> None:
    explained = set(re.findall(r"`(\w+)`", ROWS))
    assert explained >= set(Event.__struct_fields__)
    for struct in (Coder, Evidence):
        for field in struct.__struct_fields__:
            assert f"`{field}`" in PAGE
