"""What English sentences say happened: one case a line, for who reads the records beside the article."""

from datetime import UTC, date, datetime

import pytest

from schemas.article import Article
from schemas.event import Event
from schemas.taxonomy import Action
from workers.extraction.extractor import Extractor

SUBMITTED = datetime(2023, 3, 14, 12, tzinfo=UTC)  # A Tuesday.


def events(extractor: Extractor, text: str) -> list[Event]:
    article = Article(text=text, language="en", published_at="2023-03-14")
    return extractor.extract(article, SUBMITTED).events


def coded(extractor: Extractor, text: str) -> Event:
    """The one event that the default view shows."""
    found = [event for event in events(extractor, text) if event.withheld_because is None]
    assert len(found) == 1, [(event.evidence.trigger.text, event.sub_event_type) for event in found]
    return found[0]


@pytest.mark.parametrize(
    ("text", "sub_event_type"),
    [
        ("Thousands of students protested in Dakar on Monday.", "Peaceful protest"),
        ("Police fired tear gas to disperse protesters in Nairobi.", "Protest with intervention"),
        ("Gunmen attacked a village near Mopti on Monday, killing 12 civilians.", "Attack"),
        ("Soldiers clashed with rebels near Goma on Sunday.", "Armed clash"),
        ("Fighter jets carried out an airstrike on a market in Idlib.", "Air/drone strike"),
        ("A suicide bomber killed ten people at a mosque in Peshawar.", "Suicide bomb"),
        ("A roadside bomb exploded in Mogadishu on Friday.", "Remote explosive/landmine/IED"),
        ("Militants hurled a grenade at a police station in Srinagar.", "Grenade"),
        ("Gunmen kidnapped two teachers in Zinder.", "Abduction/forced disappearance"),
        ("Rebels seized control of the town of Bunagana on Monday.", "Non-state actor overtakes territory"),
        (
            "Government forces recaptured the town of Sake from M23 rebels after two days of heavy fighting.",
            "Government regains territory",
        ),
        ("Unidentified gunmen ambushed an army patrol near Djibo, killing five soldiers.", "Armed clash"),
        ("Al Shabaab militants attacked a military base in El Baraf.", "Armed clash"),
        ("Israeli forces demolished a house in Jenin.", "Looting/property destruction"),
        ("Demonstrators burned tires and threw stones at police in Conakry.", "Violent demonstration"),
        ("Protesters clashed with riot police outside the parliament in Tbilisi.", "Violent demonstration"),
        ("A mob beat a suspected thief to death in Kampala.", "Mob violence"),
        ("Villagers lynched two men accused of witchcraft in Mzuzu.", "Mob violence"),
        (
            "Security forces opened fire on protesters in Bahri, killing seven people.",
            "Excessive force against protesters",
        ),
        ("Truckers shut down a bridge in Windsor over vaccine mandates.", "Peaceful protest"),
        ("Thousands rallied in Tbilisi against the bill.", "Peaceful protest"),
        ("Two men were injured in a brawl between rival fans in Belgrade.", "Mob violence"),
        ("Angry residents set a district office ablaze in Gulu.", "Violent demonstration"),
        ("A Turkish drone targeted a vehicle near Kobani.", "Air/drone strike"),
        ("Saudi-led coalition warplanes bombed a market in Saada, killing 20 people.", "Air/drone strike"),
        ("Hamas militants fired rockets at Ashkelon.", "Shelling/artillery/missile attack"),
        ("Armed men raped three women near Kalehe.", "Sexual violence"),
        ("Sixty Boko Haram fighters surrendered to the army in Bama.", "Agreement"),
        ("The government and the rebels signed a ceasefire agreement in Juba.", "Agreement"),
        ("Police seized a cache of weapons in Maiduguri.", "Disrupted weapons use"),
        ("Israeli forces arrested fifteen Palestinians in Nablus.", "Arrests"),
        ("The bullet-riddled body of a student was found in Kech district on Monday.", "Attack"),
        ("A councillor survived an assassination attempt in Barranquilla on Saturday.", "Attack"),
        ("Herders hacked a farmer to death in Benue.", "Attack"),
        (
            "Gunmen kidnapped ten women during a raid on a village near Bama.",
            "Abduction/forced disappearance",
        ),
        ("A blogger was taken from his home in Caracas by armed men.", "Abduction/forced disappearance"),
        ("Hamas handed over four hostages to the Red Cross in Gaza City.", "Agreement"),
        (
            "M23 rebels entered Goma without a fight after soldiers withdrew.",
            "Non-violent transfer of territory",
        ),
        ("The army deployed 500 additional soldiers to the border with Chad.", "Change to group/activity"),
    ],
)
def test_type(extractor: Extractor, text: str, sub_event_type: str) -> None:
    assert coded(extractor, text).sub_event_type == sub_event_type


@pytest.mark.parametrize(
    "text",
    [
        "The opposition called for a protest next Monday.",
        "The army denied that its soldiers had killed civilians.",
        "The two companies are fighting a price war.",
        "The novel tells the story of a soldier who kills his captain.",
        "A gas explosion in a restaurant killed three people in Monterrey.",
        "A fire destroyed dozens of houses in Valparaiso.",
        "Thieves stole jewellery from a shop in Antwerp.",
        "Police arrested two men for stealing a car.",
        "He was charged with rape and released on bail.",
        "The trial over the 2015 bombing opened in Paris.",
        "Prosecutors are seeking the death penalty for the gunman who killed nine worshippers.",
        "A protest march is scheduled for Friday in Antananarivo.",
        "Officials banned an opposition rally in Kampala.",
        "He was found guilty of murdering the opposition leader.",
        "The investigation into the assassination of the prosecutor has stalled.",
        "A drunk man assaulted a bus driver in Brussels.",
        "The senator bombarded the minister with questions.",
        "The United States announced sanctions targeting ten officials.",
        "No weapons were found on the two men.",
        "Lawmakers clashed over the budget.",
        "The army said it had no plans to deploy soldiers.",
        "The new law bans protests near schools.",
        "Until March 1987 he lived in Lima.",
        "The minister spoke of the violence of the past.",
        "The rebels claimed responsibility for a bomb attack that killed four people in Gao.",
        "Police captured a member of a youth gang after a robbery.",
    ],
)
def test_nothing_that_acled_codes(extractor: Extractor, text: str) -> None:
    found = [event for event in events(extractor, text) if event.withheld_because is None]
    assert found == [], [(event.evidence.trigger.text, event.sub_event_type) for event in found]


@pytest.mark.parametrize(
    ("text", "location", "dead"),
    [
        ("Israeli soldiers shot dead a Palestinian man in Jenin in the occupied West Bank.", "Janin", 1),
        ("Gunmen killed around 30 villagers in Gao.", "Gao", 30),
        ("Twenty-nine soldiers were killed by rebels in Gao.", "Gao", 29),
        ("Militants killed three officers in Port-au-Prince.", "Port-au-Prince", 3),
    ],
)
def test_where_and_how_many_died(extractor: Extractor, text: str, location: str, dead: int) -> None:
    event = coded(extractor, text)
    assert (event.location, event.fatalities) == (location, dead)


def test_actors_place_day_and_toll(extractor: Extractor) -> None:
    event = coded(extractor, "Gunmen attacked a village near Mopti on Monday, killing 12 civilians.")
    assert event.actor1 == "Unidentified Armed Group (Mali)"
    assert event.actor2 == "Civilians (Mali)"
    assert (event.location, event.geo_precision) == ("Mopti", 2)
    assert event.event_date.isoformat() == "2023-03-13"
    assert event.fatalities == 12


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Soldiers will attack the village.", "planned"),
        ("Soldiers could attack the village.", "hypothetical"),
        ("Soldiers did not attack the village.", "denied"),
        ("Soldiers attacked the village.", "occurred"),
    ],
)
def test_whether_it_happened(extractor: Extractor, text: str, status: str) -> None:
    assert [event.status for event in events(extractor, text)] == [status]


@pytest.mark.parametrize(
    ("text", "action", "first", "second"),
    [
        ("Turkey condemned Syria.", Action.ACCUSE, "Turkey", "Syria"),
        ("Iran signed an agreement with China.", Action.SUPPORT, "Iran", "China"),
        ("France supported Lebanon.", Action.SUPPORT, "France", "Lebanon"),
    ],
)
def test_politics_has_two_sides(
    extractor: Extractor, text: str, action: Action, first: str, second: str
) -> None:
    pairs = [
        (event.action, event.evidence.actor1.text, event.evidence.actor2.text)
        for event in events(extractor, text)
        if event.evidence.actor1 and event.evidence.actor2
    ]
    assert (action, first, second) in pairs


def test_a_preposition_belongs_to_the_place_and_not_to_the_day(extractor: Extractor) -> None:
    event = coded(extractor, "Hundreds demonstrated in Lagos on Monday.")
    assert (event.sub_event_type, event.location, event.event_date) == (
        "Peaceful protest",
        "Lagos",
        date(2023, 3, 13),
    )


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("France lifted its sanctions against Syria.", Action.CONCEDE),
        ("France imposed sanctions on Syria.", Action.SANCTION),
        ("France suspended aid to Syria.", Action.SANCTION),
        ("France sent aid to Syria.", Action.AID),
        ("France shared intelligence with Syria.", Action.COOPERATE),
        ("France rejected a request from Syria.", Action.REJECT),
        ("France ordered Syria to leave.", Action.REQUEST),
        ("France expelled diplomats from Syria.", Action.SANCTION),
        ("France cancelled a visit to Syria.", Action.REJECT),
        ("The opposition leader rejected the plan of the government.", Action.REJECT),
        ("France said that Syria must release the hostages.", Action.REQUEST),
    ],
)
def test_the_object_decides_what_a_verb_means(extractor: Extractor, text: str, action: Action) -> None:
    surest = max(events(extractor, text), key=lambda event: event.confidence)
    assert surest.action is action


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("Putin will meet Erdogan in Ankara.", Action.AGREE),
        ("Iran has promised to help Syria.", Action.AGREE),
        ("The opposition will boycott the election in Chad.", Action.THREATEN),
        ("Germany refused to help Ukraine.", Action.REJECT),
        ("Israel will not release the prisoners.", Action.REJECT),
    ],
)
def test_what_is_to_come_or_refused_is_what_plover_calls_it(
    extractor: Extractor, text: str, action: Action
) -> None:
    surest = max(events(extractor, text), key=lambda event: event.confidence)
    assert surest.action is action


@pytest.mark.parametrize(
    ("text", "sub_event_type", "actor1", "actor2"),
    [
        (
            "A military checkpoint in Gao came under attack by gunmen.",
            "Armed clash",
            "Unidentified Armed Group (Mali)",
            "Military Forces of Mali (2021-)",
        ),
        (
            "An army convoy hit a landmine in Gao.",
            "Remote explosive/landmine/IED",
            "Unidentified Armed Group (Mali)",
            "Military Forces of Mali (2021-)",
        ),
        ("Israel struck a building in Tyre.", "Air/drone strike", "Military Forces of Israel (2022-)", None),
        (
            "An attacker rammed an explosives-laden car into a barracks in Gao.",
            "Suicide bomb",
            "Unidentified Armed Group (Mali)",
            "Military Forces of Mali (2021-)",
        ),
        (
            "Saudi Arabia intercepted a ballistic missile fired at Riyadh by the Houthis.",
            "Disrupted weapons use",
            "Military Forces of Saudi Arabia (2015-)",
            "Houthi Movement - Ansar Allah",
        ),
    ],
)
def test_who_fights_whom_and_with_what(
    extractor: Extractor, text: str, sub_event_type: str, actor1: str, actor2: str | None
) -> None:
    event = coded(extractor, text)
    assert (event.sub_event_type, event.actor1, event.actor2) == (sub_event_type, actor1, actor2)
