"""The whole way of an article, stage by stage: read, parse, draft, merge, locate, write."""

import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from importlib.metadata import version

import msgspec

from schemas.article import Article, Extraction, PublicationSource
from schemas.errors import SentenceTooLongError
from schemas.event import Coder, Event
from schemas.settings import Settings
from workers.extraction import languages, merging, pipeline, places, reading, records, scope, toponyms
from workers.extraction.actors import Describer
from workers.extraction.countries import Countries
from workers.extraction.dates import DateResolver
from workers.extraction.drafts import Draft, Drafter, nationality
from workers.extraction.gazetteer import Gazetteer
from workers.extraction.knowledge import Lexicon, fingerprint
from workers.extraction.knowledge.actor_data import ActorData, Group
from workers.extraction.knowledge.aliases import AliasMatch, AliasMatcher
from workers.extraction.normalising import Normalised
from workers.extraction.parsing import Parse, Parser, Sentence
from workers.extraction.places import Atlas, Location
from workers.extraction.sectors import ActorCoder
from workers.extraction.toponyms import ToponymFinder

Progress = Callable[[float], None]
Stage = Callable[[str], AbstractContextManager[None]]
"""What a stage is done in, by its name: `reading`, `parsing`, `coding`."""

_READ, _PARSED = 0.05, 0.95
"""The share of the work that is done after reading, and after parsing."""


class _Tools(msgspec.Struct, frozen=True):
    """Models and knowledge of one language."""

    parser: Parser
    lexicon: Lexicon
    actors: ActorData
    aliases: AliasMatcher
    dates: DateResolver
    toponyms: ToponymFinder


class Extractor:
    """Codes articles, with models and knowledge in memory; made once a process.

    Models of a language are loaded when they are first needed, or all at once by `warm_up`.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._countries = Countries.load()
        self._gazetteer = Gazetteer.load()
        self._tools: dict[str, _Tools] = {}
        self._fingerprint = fingerprint()

    def warm_up(self) -> None:
        """Load what every supported language needs, and go the whole way once.

        Raises:
            ModelError: A model is missing or damaged.
            KnowledgeError: A knowledge file is not as its format demands.

        """
        reading.warm_up()
        for language in languages.supported(self._settings):
            # A word that tells of an event, or the dependency parser would not run.
            word = next(iter(Lexicon.load(language).nouns))
            self.extract(Article(text=f"{word}.", language=language), datetime.now(UTC))

    def extract(
        self,
        article: Article,
        submitted_at: datetime,
        progress: Progress = lambda _: None,
        stage: Stage = lambda _: nullcontext(),
    ) -> Extraction:
        """Code one article; the same article gives the same records, but for their timestamp.

        Raises:
            ExtractionError: It cannot be coded; the message says why, and another try would not help.
            ModelError: Its language's models cannot be loaded.

        """
        with stage("reading"):
            read = reading.read(article, submitted_at, self._settings)
            text = Normalised(read.text)
        progress(_READ)
        tools = self._load(read.language)
        with stage("parsing"):
            parse = tools.parser.parse(
                text.text,
                lambda share: progress(_READ + share * (_PARSED - _READ)),
            )
            aliases = tuple(tools.aliases.find(text.text))
            actors = tools.toponyms.actors(text.text, aliases)
            parse = toponyms.complete(parse, tools.toponyms.find(text.text, actors), actors)
        if parse.skipped and not parse.sentences:
            raise SentenceTooLongError(
                f"The article is one sentence of {max(parse.skipped):,} words, or several such; at most "
                f"{self._settings.max_sentence_words:,} can be parsed. Is its punctuation lost?"
            )
        source = records.Source(
            article_id=read.article_id,
            language=read.language,
            published_at=read.published_at,
            is_dated=read.published_at_source is not PublicationSource.SUBMISSION_TIME,
            text=text,
            sentences=parse.sentences,
            coder=Coder(version("tocsin"), pipeline.name(self._settings, read.language), self._fingerprint),
            timestamp=int(time.time()),
            source=article.source,
            url=article.url,
            external_id=article.external_id,
        )
        with stage("coding"):
            events = self._events(parse, source, tools, aliases)
        return Extraction(
            article_id=read.article_id,
            title=read.title,
            language=read.language,
            published_at=read.published_at,
            published_at_source=read.published_at_source,
            text=read.text,
            events=events,
            warnings=[
                f"A sentence of {length:,} words was left out; at most "
                f"{self._settings.max_sentence_words:,} can be parsed."
                for length in parse.skipped
            ],
        )

    def _load(self, language: str) -> _Tools:
        if language not in self._tools:
            lexicon = Lexicon.load(language)
            self._tools[language] = _Tools(
                Parser(lexicon, self._settings),
                lexicon,
                ActorData.load(language),
                AliasMatcher.load(language),
                DateResolver.load(language),
                ToponymFinder.load(language),
            )
        return self._tools[language]

    def _events(
        self, parse: Parse, source: records.Source, tools: _Tools, aliases: Iterable[AliasMatch]
    ) -> list[Event]:
        atlas = Atlas(
            parse.sentences,
            source.text.text,
            source.language,
            self._countries,
            self._gazetteer,
            homes=(
                iso2 for match in aliases if isinstance(match.named, Group) for iso2 in match.named.countries
            ),
        )
        describer = Describer(
            tools.actors,
            tools.aliases,
            tools.lexicon.grammar,
            atlas,
            ActorCoder.load(source.language).country_of,
            ActorCoder.load(source.language).forces,
        )
        drafter = Drafter(tools.lexicon, describer, atlas, tools.dates, source.published_at)
        drafts: list[Draft] = []
        tolls = []
        for sentence in parse.sentences:
            found, toll = drafter.draft(sentence, _context(parse.sentences, sentence.index))
            drafts += found
            tolls.append((sentence.index, toll))
        events = scope.settle(
            merging.merge(scope.settle_mentions(drafts), tools.lexicon.grammar),
            parse.sentences,
            tools.lexicon.grammar,
            published=source.published_at if source.is_dated else None,
        )
        for index, toll in tolls:
            merging.add_toll(events, index, toll)
        around = places.settings(parse.sentences, atlas, tools.lexicon.grammar)
        for event in events:
            if event.whole is None:
                event.location = self._location(event, atlas, around)
        for event in events:
            if event.whole is not None and not event.explicit_place:
                event.location = event.whole.location
        return [records.write(event, source) for event in events]

    def _location(self, event: Draft, atlas: Atlas, around: list[tuple[int, Location]]) -> Location:
        """Where the event is said to have been, or, if ACLED codes it, must have been.

        A meeting or a statement may be anywhere: its place is said or unknown.
        """
        if event.location.start is not None or event.event_type is None:
            return event.location
        return places.infer(event.mention, atlas, nationality(event), around)


def _context(sentences: tuple[Sentence, ...], index: int) -> frozenset[str]:
    """Dictionary forms of a sentence, of the one before and of the two after it."""
    near = sentences[max(0, index - 1) : index + 3]
    return frozenset(word.lemma.casefold() for sentence in near for word in sentence.words)
