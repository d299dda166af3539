"""Code an article: text in, records out. Knows neither Redis nor HTTP; its stages are its modules.

    reading       HTML, title, language, publication date
    normalising   the text that is analysed, and the way back to the one that was sent
    parsing       Stanza's tokens, tags, trees and entities (pipeline: the models)
    triggers      the words that report an event
    participants  who did it to whom (grammar: Universal Dependencies)
    status        whether it happened
    dates         when
    places        where (gazetteer, countries)
    tolls         how many died
    coding        what ACLED and PLOVER call it
    actors        what ACLED calls them
    drafts        all of these for one mention
    merging       the mentions of one event
    records       the record (sources: how far its source reaches)
    clustering    which records of different articles are of the same event
    resemblance   which articles are nearly the same words

`knowledge/` holds the words. `extractor.Extractor` goes the whole way. Nothing is imported here, so that the
API may import `submission` and `languages` without the rest.
"""
