"""What French sentences say happened: one case a line, for who reads the records beside the article."""

from datetime import UTC, date, datetime

import msgspec
import pytest

from schemas.article import Article, Extraction
from schemas.errors import SentenceTooLongError
from schemas.event import Event
from schemas.taxonomy import Action
from workers.extraction.extractor import Extractor

SUBMITTED = datetime(2023, 3, 14, 12, tzinfo=UTC)  # A Tuesday.


def coded(extractor: Extractor, text: str) -> Extraction:
    return extractor.extract(Article(text=text, language="fr", published_at="2023-03-14"), SUBMITTED)


def only(extractor: Extractor, text: str) -> Event:
    """The event of `text`; what is said about one that ACLED codes is another record, and left out here."""
    events = coded(extractor, text).events
    events = [event for event in events if event.event_type] or events
    assert len(events) == 1, [(event.evidence.trigger.text, event.sub_event_type) for event in events]
    return events[0]


TYPES = {
    "Plusieurs milliers de personnes ont manifesté à Paris contre la réforme.": (
        "Peaceful protest",
        "Protesters (France)",
        None,
        "Paris",
    ),
    "Des affrontements ont éclaté à Khartoum entre l'armée et des manifestants.": (
        "Violent demonstration",
        "Rioters (Sudan)",
        "Military Forces of Sudan (2019-)",
        "Khartoum",
    ),
    "Des affrontements entre l'armée soudanaise et des hommes armés ont fait 20 morts à Khartoum.": (
        "Armed clash",
        "Military Forces of Sudan (2019-)",
        "Unidentified Armed Group (Sudan)",
        "Khartoum",
    ),
    "La police a tiré sur les manifestants à Conakry, faisant trois morts.": (
        "Excessive force against protesters",
        "Protesters (Guinea)",
        "Police Forces of Guinea (2021-)",
        "Conakry",
    ),
    "Le marché de Gao a été bombardé par l'armée malienne.": (
        "Shelling/artillery/missile attack",
        "Military Forces of Mali (2021-)",
        None,
        "Gao",
    ),
    "L'armée de l'air israélienne a mené des frappes aériennes sur Gaza.": (
        "Air/drone strike",
        "Military Forces of Israel (2022-)",
        None,
        "Gaza",
    ),
    "Un attentat-suicide a tué dix personnes dans une mosquée de Peshawar, au Pakistan.": (
        "Suicide bomb",
        "Unidentified Armed Group (Pakistan)",
        "Civilians (Pakistan)",
        "Peshawar",
    ),
    "Une voiture piégée a explosé à Mogadiscio.": (
        "Remote explosive/landmine/IED",
        "Unidentified Armed Group (Somalia)",
        None,
        "Mogadishu",
    ),
    "L'attaque d'un village au nord de Gao par des hommes armés a fait dix morts.": (
        "Attack",
        "Unidentified Armed Group (Mali)",
        "Civilians (Mali)",
        "Gao",
    ),
    "Six rebelles ont été tués dans des combats avec l'armée malienne à Gao.": (
        "Armed clash",
        "Unidentified Armed Group (Mali)",
        "Military Forces of Mali (2021-)",
        "Gao",
    ),
    "Le M23 et les FARDC se sont affrontés à Masisi-centre.": (
        "Armed clash",
        "M23: March 23 Movement",
        "Military Forces of Democratic Republic of Congo (2019-)",
        "Masisi",
    ),
    "Des éleveurs ont tué sept agriculteurs à Jos, au Nigeria.": (
        "Attack",
        "Unidentified Communal Militia (Nigeria)",
        "Civilians (Nigeria)",
        "Jos",
    ),
    "Des civils ont été enlevés par des assaillants à Zinder.": (
        "Abduction/forced disappearance",
        "Unidentified Armed Group (Niger)",
        "Civilians (Niger)",
        "Zinder",
    ),
    "Les forces armées russes ont pris le contrôle de Bakhmout.": (
        "Non-state actor overtakes territory",
        "Military Forces of Russia (2000-)",
        None,
        "Bakhmut",
    ),
    "Les troupes françaises se sont retirées de Gao.": (
        "Change to group/activity",
        "Military Forces of France (2017-)",
        None,
        "Gao",
    ),
    "Moscou a envoyé des soldats en Biélorussie.": (
        "Change to group/activity",
        "Military Forces of Russia (2000-)",
        None,
        None,
    ),
}


@pytest.mark.parametrize(
    ("text", "sub_event_type"),
    [
        ("Un prêtre a été assassiné par des inconnus à Owerri.", "Attack"),
        ("Le corps criblé de balles d'un militant a été retrouvé à Bujumbura.", "Attack"),
        ("Un ancien ministre a survécu à une tentative d'assassinat à Mogadiscio.", "Attack"),
        ("Les forces israéliennes ont tué deux civils à Jénine.", "Attack"),
        (
            "Deux jeunes ont été emmenés de force par des militaires à Djibo.",
            "Abduction/forced disappearance",
        ),
        ("Dix femmes ont été enlevées lors d'une attaque à Djibo.", "Abduction/forced disappearance"),
        ("Des hommes armés ont agressé sexuellement des passagères à Bouar.", "Sexual violence"),
        ("Arrestation à Bamako de deux opposants.", "Arrests"),
        ("Le leader de l'opposition a été arrêté mercredi à Libreville.", "Arrests"),
        ("Deux factions rebelles ont annoncé leur fusion à Kidal.", "Change to group/activity"),
        ("Un colonel a fait défection à Bukavu.", "Change to group/activity"),
        ("L'armée a déployé des renforts à Djibo.", "Change to group/activity"),
        ("Les combattants du PKK ont remis leurs armes à Souleimaniyé.", "Agreement"),
        ("Le gouvernement et les rebelles ont signé un accord de cessez-le-feu à Juba.", "Agreement"),
        ("Les rebelles sont entrés dans Goma sans résistance.", "Non-violent transfer of territory"),
        ("Une fosse commune a été découverte à Tarhouna.", "Other"),
        ("Deux avocats ont été battus par des policiers à Tunis.", "Attack"),
        ("Des tueurs à gages ont liquidé un procureur à Manta.", "Attack"),
    ],
)
def test_violence_against_civilians_and_strategic_developments(
    extractor: Extractor, text: str, sub_event_type: str
) -> None:
    assert only(extractor, text).sub_event_type == sub_event_type


@pytest.mark.parametrize("text", TYPES)
def test_type_actors_and_place(extractor: Extractor, text: str) -> None:
    event = only(extractor, text)
    assert (event.sub_event_type, event.actor1, event.actor2, event.location) == TYPES[text]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("L'armée malienne n'a pas attaqué le village.", "denied"),
        ("L'armée malienne dément avoir tué des civils à Gao.", "denied"),
        ("Les enseignants menacent de manifester à Bamako.", "threatened"),
        ("Le syndicat a appelé à une manifestation samedi prochain à Dakar.", "planned"),
        ("Des enseignants manifesteront demain à Dakar.", "planned"),
        ("L'ambassade avait averti d'une manifestation à Dakar.", "hypothetical"),
        ("Une marche de protestation est prévue vendredi à Antananarivo.", "planned"),
        ("L'armée malienne s'apprête à lancer une offensive à Gao.", "planned"),
        ("Le rassemblement prévu à Douala a été interdit.", "denied"),
        ("Il n'y a pas eu de manifestation à Conakry dimanche.", "denied"),
        ("La pièce met en scène un soldat qui tue son commandant à Lyon.", "hypothetical"),
        ("Le déploiement des forces armées tchadiennes au Mali se poursuit.", "ongoing"),
        ("Des enseignants ont manifesté à Dakar.", "occurred"),
    ],
)
def test_whether_it_happened(extractor: Extractor, text: str, status: str) -> None:
    event = only(extractor, text)
    assert event.status == status
    assert (event.withheld_because is None) == (status in ("occurred", "ongoing"))


@pytest.mark.parametrize(
    "text",
    [
        "Le PSG a battu l'OM lors d'un match ; l'attaque parisienne a brillé.",
        "Il a attaqué la décision en justice.",
        "Les habitants commémorent l'anniversaire du massacre de 2012.",
        "Un incendie a tué six personnes à Lyon.",
        "L'exposition retrace la prise de la Bastille.",
        "Un hélicoptère s'est écrasé, tuant le ministre de la Défense ghanéen.",
        "La souche a contaminé 1 560 personnes, tuant environ 40 % d'entre eux.",
    ],
)
def test_what_is_no_event(extractor: Extractor, text: str) -> None:
    assert [event.evidence.trigger.text for event in coded(extractor, text).events] == []


def test_crime_is_recorded_but_not_coded(extractor: Extractor) -> None:
    event = only(extractor, "Un homme a tué sa femme à Brest.")
    assert event.event_type is None
    assert event.withheld_because == "out_of_scope"


def test_one_event_of_noun_verb_and_following_toll(extractor: Extractor) -> None:
    event = only(
        extractor,
        "L'attaque menée lundi à Gao par des hommes armés a fait des dizaines de blessés. "
        "Douze soldats ont été tués.",
    )
    assert (event.fatalities, event.injuries) == (12, 12)
    assert event.actor1 == "Unidentified Armed Group (Mali)"
    assert event.sub_event_type == "Armed clash"
    assert (event.event_date, event.time_precision) == (date(2023, 3, 13), 1)


def test_whom_nobody_killed_is_not_counted(extractor: Extractor) -> None:
    text = "Des civils ont été enlevés par des assaillants à Zinder. L'armée dément avoir tué des civils."
    assert {event.fatalities for event in coded(extractor, text).events} == {0}


def test_headline_and_body_are_one_event(extractor: Extractor) -> None:
    text = (
        "Mali : attaque contre l'armée à Gao\n\n"
        "Des hommes armés ont attaqué l'armée malienne dimanche à Gao. Le GSIM a revendiqué l'attaque."
    )
    event = only(extractor, text)
    assert event.actor1 == "JNIM: Group for Support of Islam and Muslims"
    assert event.event_date == date(2023, 3, 12)


def test_a_place_that_the_gazetteer_lacks_is_named_without_coordinates(extractor: Extractor) -> None:
    event = only(extractor, "À Zoumbaraké, des soldats maliens ont été attaqués par des hommes armés.")
    assert (event.location, event.country) == ("Zoumbaraké", "Mali")
    assert (event.latitude, event.longitude, event.geo_precision) == (None, None, None)
    assert event.evidence.reasons["location"] == "document_focus"


def test_near_a_town_is_less_precise(extractor: Extractor) -> None:
    event = only(extractor, "Des civils ont été enlevés par des assaillants près de Zinder.")
    assert (event.location, event.geo_precision) == ("Zinder", 2)


def test_the_title_is_part_of_the_text(extractor: Extractor) -> None:
    article = Article(
        title="Manifestation à Dakar", text="Des enseignants ont défilé samedi.", published_at="2023-03-14"
    )
    extraction = extractor.extract(article, SUBMITTED)
    assert extraction.text == "Manifestation à Dakar\n\nDes enseignants ont défilé samedi."
    assert extraction.events[0].location == "Dakar"


def test_the_same_article_gives_the_same_records(extractor: Extractor) -> None:
    text = "Des hommes armés ont attaqué l'armée malienne dimanche à Gao."
    first, second = (
        [msgspec.structs.replace(event, timestamp=0) for event in coded(extractor, text).events]
        for _ in range(2)
    )
    assert first == second


@pytest.mark.parametrize(
    "text",
    [
        "🔥🔥 Des soldats français sont arrivés à Gao 👍🏽.",
        "Des soldats franc\u0327ais sont arrive\u0301s a\u0300 Gao.",
        "\u200fDes soldats\u200e français sont arrivés à\u00a0Gao.",
    ],
    ids=["emoji", "combining accents", "direction marks"],
)
def test_offsets_count_in_the_text_as_sent(extractor: Extractor, text: str) -> None:
    event = only(extractor, text)
    trigger, place = event.evidence.trigger, event.evidence.location
    assert text[trigger.start : trigger.end] == trigger.text
    assert trigger.text in ("arrivés", "arrive\u0301s")
    assert place is not None
    assert text[place.start : place.end] == place.text == "Gao"


def test_a_sentence_without_end_fails_with_a_reason_and_the_next_article_does_not_suffer(
    extractor: Extractor,
) -> None:
    with pytest.raises(SentenceTooLongError, match=r"one sentence of .* words"):
        coded(extractor, "soldats " * 1000)
    assert coded(extractor, "Des enseignants ont manifesté à Dakar.").events


def test_an_overlong_sentence_is_left_out_and_named(extractor: Extractor) -> None:
    extraction = coded(extractor, "Des enseignants ont manifesté à Dakar.\n\n" + "soldats " * 400)
    assert [event.location for event in extraction.events] == ["Dakar"]
    assert len(extraction.warnings) == 1
    assert "left out" in extraction.warnings[0]


def test_a_town_brings_its_province_and_its_district(extractor: Extractor) -> None:
    event = only(extractor, "Plusieurs milliers de personnes ont manifesté à Montreuil, en France.")
    assert (event.location, event.admin1, event.admin2) == ("Montreuil", "Ile-de-France", "Seine-Saint-Denis")


@pytest.mark.parametrize(
    ("text", "dead", "hurt"),
    [
        ("Au moins 65 personnes sont mortes, et 300 autres blessées, dans un attentat à Lahore.", 65, 300),
        ("L'attaque de l'armée malienne à Gao a coûté la vie à douze civils.", 12, None),
        ("L'attentat a fait 29 morts, dont 27 policiers, à Istanbul.", 29, None),
        ("Cinq civils, parmi lesquels deux enfants, ont été tués par des rebelles à Gao.", 5, None),
        ("Vingt-neuf soldats maliens ont été tués à Gao par des rebelles.", 29, None),
        ("Des hommes armés ont tué deux cent trente villageois à Gao.", 230, None),
        ("Des rebelles ont tué plus de cinquante soldats à Gao.", 50, None),
        ("Des hommes armés ont tué une soixantaine de civils à Gao.", 60, None),
        ("Deux militaires ont trouvé la mort dans l'explosion d'une mine à Djibo.", 2, None),
        ("Plusieurs civils ont péri dans le bombardement de Kharkiv.", 3, None),
        (
            "Des hommes armés ont massacré des villageois à Gao. Le bilan est de 132 morts.",
            132,
            None,
        ),
        (
            "Une centaine de morts dans un attentat à Bagdad. Deux attentats y ont tué 91 personnes.",
            91,
            None,
        ),
    ],
)
def test_who_died_is_counted_as_told_most_exactly(
    extractor: Extractor, text: str, dead: int, hurt: int | None
) -> None:
    event = only(extractor, text)
    assert (event.fatalities, event.injuries) == (dead, hurt)


def test_who_goes_on_does_so_on_the_same_day(extractor: Extractor) -> None:
    text = "Des rebelles ont attaqué un convoi dimanche à Gao. Ils ont ensuite enlevé trois civils."
    days = {event.event_date for event in coded(extractor, text).events if event.event_type}
    assert days == {date(2023, 3, 12)}


def test_headline_and_body_tell_one_event(extractor: Extractor) -> None:
    event = only(
        extractor,
        "Mali : une attaque fait des dizaines de morts à Gao\n\nDes hommes armés ont attaqué un village "
        "près de Gao lundi. Ils ont tué trente habitants. L'attaque n'a pas été revendiquée.",
    )
    assert (event.event_date, event.location, event.fatalities) == (date(2023, 3, 13), "Gao", 30)
    assert event.actor1 == "Unidentified Armed Group (Mali)"


def test_attackers_who_are_killed_count_among_the_dead(extractor: Extractor) -> None:
    event = only(
        extractor,
        "Un homme armé a ouvert le feu à Marseille, tuant trois personnes. L'assaillant a été abattu.",
    )
    assert (event.sub_event_type, event.fatalities) == ("Attack", 4)


@pytest.mark.parametrize(
    "text",
    [
        "Un policier armé d'un fusil d'assaut a été vu à Lyon.",
        "Un avion de combat s'est écrasé près de Gao.",
        "Le Mali est en proie à une guerre civile depuis 2012.",
        "Le RAID est intervenu à Lille.",
    ],
)
def test_words_that_only_name_a_kind_a_state_or_a_unit_tell_of_nothing(
    extractor: Extractor, text: str
) -> None:
    assert coded(extractor, text).events == []


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Il est accusé d'avoir tué trois soldats à Bamako.", "hypothetical"),
        ("Les rebelles du M23 ont pris la ville de Bunagana lundi.", "occurred"),
        ("La prise de Bunagana par le M23 a été confirmée lundi.", "occurred"),
    ],
)
def test_what_somebody_is_accused_of_did_not_happen_for_that(
    extractor: Extractor, text: str, status: str
) -> None:
    assert only(extractor, text).status == status


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("L'Union européenne a levé ses sanctions contre la Syrie.", Action.CONCEDE),
        ("L'Union européenne a imposé des sanctions à la Syrie.", Action.SANCTION),
        ("Washington a suspendu son aide militaire à Kiev.", Action.SANCTION),
        ("Le Mali a expulsé l'ambassadeur de France.", Action.SANCTION),
        ("La Chine et la Russie ont signé un accord de coopération.", Action.SUPPORT),
        ("La France a exigé le retrait des troupes russes.", Action.REQUEST),
        ("L'Allemagne a refusé d'aider l'Ukraine.", Action.REJECT),
        ("Emmanuel Macron rencontrera Recep Tayyip Erdogan à Ankara.", Action.AGREE),
    ],
)
def test_politics_by_plovers_manual(extractor: Extractor, text: str, action: Action) -> None:
    surest = max(coded(extractor, text).events, key=lambda event: event.confidence)
    assert surest.action is action


def test_a_shooting_is_no_riot_and_what_it_is_called_later_is_no_other_event(extractor: Extractor) -> None:
    event = only(
        extractor,
        "Une fusillade fait 59 morts à Las Vegas, aux États-Unis. Un homme armé a tiré sur la foule. "
        "L'attaque a duré dix minutes.",
    )
    assert (event.sub_event_type, event.fatalities, event.location) == ("Attack", 59, "Las Vegas")


def test_words_written_together_are_those_of_a_phrase(extractor: Extractor) -> None:
    event = only(extractor, "RDC : Goma est tombée lundi aux mains du M23")
    assert event.sub_event_type == "Non-state actor overtakes territory"
    assert (event.actor1, event.location) == ("M23: March 23 Movement", "Goma")
    assert event.evidence.trigger.text == "tombée lundi aux mains"

    event = only(extractor, "La prise du contrôle de Bambari par des rebelles a été condamnée.")
    assert (event.event_type, event.actor1) == (
        "Battles",
        "Unidentified Armed Group (Central African Republic)",
    )


def test_a_gathering_and_its_aim_are_told_together(extractor: Extractor) -> None:
    text = "Des centaines d'étudiants se sont rassemblés sur la place pour protester contre la réforme."
    events = [event for event in coded(extractor, text).events if event.event_type]
    assert [event.evidence.trigger.text for event in events] == ["rassemblés sur la place pour protester"]


def test_a_battle_is_no_riot_though_the_article_has_a_demonstration(extractor: Extractor) -> None:
    text = "Des manifestants ont défilé à Conakry. {} avec l'armée ont éclaté à Kindia."
    types = {
        word: [event.event_type for event in coded(extractor, text.format(word)).events if event.event_type]
        for word in ("Des combats", "Des heurts")
    }
    assert types == {"Des combats": ["Protests", "Battles"], "Des heurts": ["Protests", "Riots"]}


def test_what_a_fire_is_due_to_is_not_to_come(extractor: Extractor) -> None:
    text = "L'incendie était dû à une explosion à Bamako. Une bombe avait été déposée dans le hall."
    event = only(extractor, text)
    assert (event.event_type, event.status) == ("Explosions/Remote violence", "occurred")
    assert event.evidence.trigger.text == "explosion"


def test_what_is_wrecked_at_a_demonstration_makes_it_a_riot(extractor: Extractor) -> None:
    event = only(extractor, "Des jeunes ont manifesté à Dakar. Des magasins ont été saccagés.")
    assert (event.sub_event_type, event.evidence.trigger.text) == ("Violent demonstration", "manifesté")


def test_who_is_in_custody_is_beaten_by_the_state(extractor: Extractor) -> None:
    event = only(extractor, "Des détenus ont été torturés à Bamako.")
    assert (event.sub_event_type, event.civilian_targeting) == ("Attack", "Civilian targeting")


def test_the_police_are_no_group_named_before(extractor: Extractor) -> None:
    text = (
        "Le GSIM a revendiqué l'attaque. À Bamako, des enseignants ont manifesté samedi. "
        "La police a dispersé les manifestants."
    )
    protest = next(event for event in coded(extractor, text).events if event.event_type == "Protests")
    assert protest.actor2 == "Police Forces of Mali (2021-)"


def test_the_date_of_a_report_is_not_the_day_of_the_news(extractor: Extractor) -> None:
    event = only(extractor, "14 mars 2023 . – Des hommes armés ont attaqué samedi un village près de Gao.")
    assert (event.event_date, event.evidence.date and event.evidence.date.text) == (
        date(2023, 3, 11),
        "samedi",
    )


def test_looting_in_a_riot_is_part_of_it(extractor: Extractor) -> None:
    event = only(extractor, "Des émeutes ont éclaté samedi à Kayes, où des boutiques ont été pillées.")
    assert (event.sub_event_type, event.event_date) == ("Violent demonstration", date(2023, 3, 11))


@pytest.mark.parametrize(
    "text",
    [
        "Le pays a été plongé dans le chaos en 2013 lorsque des rebelles ont pris le pouvoir.",
        "Elle dit avoir été violée à l'âge de quatre ans par un soldat.",
        (
            "Les armes sont connues. Les bombes à fragmentation sont des armes qui dispersent des munitions "
            "lorsqu'elles sont larguées."
        ),
        "L'ambassade avait averti d'une manifestation à Bamako.",
        (
            "Qu'est-ce qu'un crime de guerre ?\n\nLa question est posée à La Haye. Le tribunal a des règles. "
            "Elles sont anciennes. Des soldats russes ont tué des civils dans un village."
        ),
        "L'ancien combattant est mort lundi. Le 3 mai 1999, il avait attaqué un poste de l'armée à Gao.",
    ],
)
def test_history_examples_and_general_truths_are_no_news(extractor: Extractor, text: str) -> None:
    told = [event for event in coded(extractor, text).events if event.event_type]
    assert not [event for event in told if event.status in ("occurred", "ongoing")]


@pytest.mark.parametrize(
    ("text", "sub_event_type", "dead"),
    [
        (
            "Des policiers ont tiré sur des manifestants à Maputo, tuant quatre d'entre eux.",
            "Excessive force against protesters",
            4,
        ),
        (
            "Deux jeunes ont été tués par balle lors d'une marche de l'opposition à Conakry.",
            "Excessive force against protesters",
            2,
        ),
        (
            "La répression de la manifestation a fait vingt morts à Andijan.",
            "Excessive force against protesters",
            20,
        ),
        ("Une marche a été dispersée mercredi à Kinshasa par la police.", "Protest with intervention", 0),
        (
            "Des étudiants qui manifestaient à Dacca ont été interpellés par la police.",
            "Protest with intervention",
            0,
        ),
        ("Le sit-in des chômeurs a été évacué par la police à Gafsa.", "Protest with intervention", 0),
        (
            "Un rassemblement a été dispersé à Kampala. La police a arrêté une vingtaine de militants.",
            "Protest with intervention",
            0,
        ),
        (
            "Des étudiants ont manifesté à Conakry. La police a ouvert le feu, tuant cinq personnes.",
            "Excessive force against protesters",
            5,
        ),
        ("Des heurts ont opposé des étudiants aux policiers à Dakar.", "Violent demonstration", 0),
        ("Une rixe entre jeunes de deux quartiers a fait un mort à Évry.", "Mob violence", 1),
        ("Une foule a brûlé vif un sorcier présumé à Bangassou.", "Mob violence", 0),
    ],
)
def test_what_is_done_to_a_crowd_or_by_it_is_one_event(
    extractor: Extractor, text: str, sub_event_type: str, dead: int
) -> None:
    (event,) = [event for event in coded(extractor, text).events if event.sub_event_type]
    assert (event.sub_event_type, event.fatalities) == (sub_event_type, dead)


def test_who_was_killed_is_not_how_many_demonstrated(extractor: Extractor) -> None:
    event = only(extractor, "L'armée a abattu six manifestants à Mandalay.")
    assert (event.fatalities, event.tags) == (6, "crowd size=no report")


def test_who_is_killed_by_a_bullet_is_killed_with_it(extractor: Extractor) -> None:
    event = only(extractor, "Un journaliste a été tué par balle à Bamako.")
    assert (event.sub_event_type, event.fatalities) == ("Attack", 1)


@pytest.mark.parametrize(
    ("text", "sub_event_type", "actor1", "actor2"),
    [
        (
            "Une position de l'armée malienne a été attaquée par des hommes armés à Gao.",
            "Armed clash",
            "Unidentified Armed Group (Mali)",
            "Military Forces of Mali (2021-)",
        ),
        (
            "Trois soldats ont été tués dans l'attaque de leur base à Gao.",
            "Armed clash",
            "Unidentified Armed Group (Mali)",
            "Military Forces of Mali (2021-)",
        ),
        (
            "Les soldats maliens ont repoussé un assaut de Boko Haram contre leur base à Gao.",
            "Armed clash",
            "Military Forces of Mali (2021-)",
            "Boko Haram",
        ),
        (
            "Des rebelles ont tendu une embuscade à une patrouille de l'armée malienne à Gao.",
            "Armed clash",
            "Unidentified Armed Group (Mali)",
            "Military Forces of Mali (2021-)",
        ),
        (
            "Un convoi militaire est tombé dans une embuscade tendue par des rebelles à Gao.",
            "Armed clash",
            "Unidentified Armed Group (Mali)",
            "Military Forces of Mali (2021-)",
        ),
        (
            "L'armée syrienne a délogé les jihadistes de la ville de Homs.",
            "Government regains territory",
            "Military Forces of Syria (2000-2024)",
            "Unidentified Armed Group (Syria)",
        ),
        (
            "L'aviation israélienne a mené plusieurs raids contre la ville de Gaza.",
            "Air/drone strike",
            "Military Forces of Israel (2022-)",
            None,
        ),
        (
            "L'armée israélienne a frappé un immeuble de Tyr.",
            "Air/drone strike",
            "Military Forces of Israel (2022-)",
            None,
        ),
        (
            "Un véhicule de l'armée malienne a heurté une mine près de Gao.",
            "Remote explosive/landmine/IED",
            "Unidentified Armed Group (Mali)",
            "Military Forces of Mali (2021-)",
        ),
        (
            "Deux hommes ont actionné leur charge à Gao.",
            "Suicide bomb",
            "Unidentified Armed Group (Mali)",
            None,
        ),
        (
            "Des inconnus ont lancé une grenade dans un bar de Gao.",
            "Grenade",
            "Unidentified Armed Group (Mali)",
            None,
        ),
        (
            "La police a désamorcé une bombe à Gao.",
            "Disrupted weapons use",
            "Police Forces of Mali (2021-)",
            None,
        ),
        (
            "L'Arabie saoudite a intercepté un missile tiré par les Houthis vers Riyad.",
            "Disrupted weapons use",
            "Military Forces of Saudi Arabia (2015-)",
            "Houthi Movement - Ansar Allah",
        ),
    ],
)
def test_who_fights_whom_and_with_what(
    extractor: Extractor, text: str, sub_event_type: str, actor1: str, actor2: str | None
) -> None:
    event = only(extractor, text)
    assert (event.sub_event_type, event.actor1, event.actor2) == (sub_event_type, actor1, actor2)


def test_nobody_is_killed_in_a_drone_that_is_shot_down(extractor: Extractor) -> None:
    event = only(extractor, "L'armée ukrainienne a abattu 35 drones russes au-dessus de Kiev.")
    assert (event.sub_event_type, event.fatalities) == ("Disrupted weapons use", 0)
