"""The words for what is bargained over: manpower policy, talks, allies, barter, sanctions, programmes, patrons, the region.

The same rules as in `vocabulary.py`: one class a kind of thing, one line a field, roles and never countries.
"""

from pydantic import BaseModel, ConfigDict, Field

from materiel.scenario.kinds import Amount, Day, Duration, Flow, Hazard, Money, Number, Price, Share, Signed, Thing


class CallUp(Thing):
    """A decision to mobilise: its hazard rises with the shortage of people; it calls up a number within a time."""

    hazard: Hazard = Field(description="hazard of a decision if nobody were left at the front; times the share missing")
    size: Amount
    within: Duration


class AtTable(Thing):
    """One side at a future table: what binds it, what the war costs it, what it believes."""

    use: str = Field(description="id of a use under fire.cover: the shells that can run out")
    least_fire: Flow = Field(description="shells a day below which the side cannot go on")
    least_people: Share = Field(description="share of the first strength below which the side cannot go on")
    cost: Hazard = Field(description="cost of fighting on, as a share of the stake")
    optimism: Signed = Field(description="how much better than the common view a side thinks of its chances, on the logit")
    learning: Hazard = Field(description="speed at which beliefs follow the war; 0 per day = sides stand firm")


class Talks(Thing):
    """Endurance, terms and the hazard of a settlement; nothing in the war reacts to it."""

    sides: dict[str, AtTable] = Field(description="keys a and b")
    from_: Day = Field(alias="from", description="the first day on which the war is not known to have gone on")
    war_age: Duration = Field(description="length of the war on the first day")
    outlook: Duration = Field(description="how far ahead sides look; endurance is counted to this many times ten at most")
    endurance_weight: Number = Field(description="weight of the chance of outlasting, on the logit")
    front_weight: Number = Field(description="weight of the front, on the logit, per 1,000 km2")
    hazard: Hazard = Field(description="h_0, hazard of a settlement when nothing stands in the way")
    shape: Number = Field(description="k_w of the Weibull law; 1 = no dependence on duration")
    softness: Number = Field(description="s, width of the overlap over which the hazard rises")
    trend: Duration = Field(description="over which a side judges how its power changes")


class Donor(Thing):
    """One ally who gives from its own arsenal."""

    actor: str
    group: str = Field(description="the group in which it is counted, such as europe")
    weight: Number = Field(description="its part of the requirement, by rule")
    gdp: Money
    budget: Hazard = Field(description="share of its GDP that it would spend on this good")
    reserve: Share = Field(description="share of its first stock below which it gives nothing")
    draw: Duration = Field(description="time over which it would give what stands above the reserve")
    will: Share = Field(description="willingness on the day allies begin; 1 = full")
    fatigue: Number = Field(description="will lost per hundredth of GDP spent")
    recovery: Hazard = Field(description="speed at which will returns")
    public_value: Number | None = Field(
        None, description="th, weight of the common good in the game of giving; needed by all donors if by_game is used"
    )
    distraction: Number | None = Field(None, description="how far a rise of the armament of `member` lowers its budget")
    member: str | None = Field(None, description="member of the region that this ally is")


class Coalition(Thing):
    """Allies who meet a requirement with what they have; before its first day deliveries are declared under supplies."""

    aids: str
    good: str
    begins: Day
    accepted_ratio: Number = Field(description="theta, own fire to enemy fire that the aided side accepts")
    drone_credit: Number = Field(description="share of the requirement that drones take over, against shells")
    observed_within: Duration = Field(description="tau_obs, until the enemy's fire is felt")
    own_output: Flow = Field(description="what the aided side makes itself")
    answers: Share = Field(description="1 = allies follow the enemy's fire; 0 = they hold to what it was on their first day")
    price: Price
    wider_cost: Number = Field(description="dollars of wider economic cost per dollar given")
    transit: Duration
    alarm: Number = Field(description="will gained per 1,000 km2 lost by the aided side")
    by_game: Share = Field(description="0 = parts by weight, 1 = parts by the game of giving to a common good")
    donors: dict[str, Donor]


class Payment(Thing):
    """A means of payment whose worth to the supplier falls as it gets more."""

    absorbs: Money = Field(description="value a day beyond which the supplier has no use for more")


class Technology(Thing):
    """Help of one abstract kind; the receiver is reluctant to give it."""

    absorbs: Money = Field(description="value a day beyond which the supplier has no use for more")
    reluctance: Number = Field(description="kappa_0, cost to the giver per unit of value to the supplier, at no need")


class Bargain(Thing):
    """Rounds for payment: a Nash bargain, renewed at intervals, over how much of an offer flows and what is paid."""

    name: str | None = Field(None, description="what people call it; its id read aloud if missing")
    offer: str
    use: str = Field(description="id of a use under fire.cover, whose cover is the receiver's need")
    every: Duration
    power: Share = Field(description="beta, the receiver's share of the surplus")
    enough: Duration = Field(description="cover at which there is no need")
    war_need: Number = Field(description="1 = need as the war makes it, 0 = no need")
    peace_value: Share = Field(description="part of the value that a round has without need")
    value: Price = Field(description="value of the first round to the receiver at full need")
    cost: Price = Field(description="cost of the first round to the supplier")
    rising_cost: Price = Field(description="added cost of the last round of the full offer")
    outside_receiver: Money = Field(description="what the receiver gets without a deal")
    outside_supplier: Money = Field(description="what the supplier gets without a deal")
    money_worth: Share = Field(description="worth to the supplier of a dollar of money")
    payments: dict[str, Payment] = Field(default_factory=dict, description="food, fuel, ...")
    technologies: dict[str, Technology] = Field(default_factory=dict)
    technology_scale: Number = Field(description="1 = technology may be given, 0 = it is withheld")
    yielding: Number = Field(description="eta, how fast reluctance falls with need; 0 = not at all")
    pays_within: Duration
    patience: Share = Field(description="delta, worth of next year's surplus today")


class ChaosStep(Thing):
    """From this day on, this much chaos."""

    from_: Day = Field(alias="from")
    level: Share


class Regime(Thing):
    """One enforcer or group of enforcers: law, monitoring, effort, and what they stop on which routes."""

    name: str | None = Field(None, description="what people call it; its id read aloud if missing")
    by: tuple[str, ...] = Field(description="actors who enforce")
    routes: tuple[str, ...] = Field(description="routes on which it can act")
    payments: tuple[str, ...] = Field((), description="means of payment that it makes dearer")
    enforcement: Share = Field(description="e on the first day")
    law: Share = Field(description="what enforcement would return to under full monitoring")
    lag: Duration
    capture: Share = Field(description="d_0, share of shipments stopped at full enforcement")
    margin: Number = Field(description="gain of a carrier, in the unit of the fine")
    fine: Number = Field(description="expected fine of a carrier at full enforcement")
    spread: Number = Field(description="how unlike carriers are")
    markup: Number = Field(description="mu, rise of the price of payments at full enforcement")
    chaos: tuple[ChaosStep, ...]
    chaos_scale: Number = Field(description="1 = chaos as declared, 0 = none")
    erosion: Hazard = Field(description="chi, enforcement lost a day at full chaos")
    unrest: Number = Field(description="chaos added per unit of rise of the region's threat")
    veto: Hazard = Field(description="hazard that monitoring is cut by a veto")
    veto_from: Day | None = Field(None, description="the day to which it is known that none has come; the first day if missing")
    veto_loss: Share = Field(description="share of monitoring lost then")
    imposed: Share = Field(description="share stopped by decree of the scenario: 0 = as enforced, 1 = everything")


class Milestone(Thing):
    """One step of a programme, abstract: only order and time matter."""

    name: str
    hazard: Hazard = Field(description="hazard without help, once the steps before it are done")
    technology: str | None = Field(None, description="bargain.kind of the help that speeds it")
    multiplier: Number = Field(description="mu, hazard with much help, relative to none; 1 = help does nothing")


class Programme(Thing):
    """A chain of milestones, in the order written."""

    name: str | None = Field(None, description="what people call it; its id read aloud if missing")
    actor: str
    from_: Day = Field(alias="from", description="the day to which it is known that none is reached")
    half_help: Number = Field(description="T_h, help in million dollars of value at which half of the effect is reached")
    milestones: dict[str, Milestone]


class Tests(Thing):
    """A series of tests that stops and goes: a two-state chain, with restraint by patrons."""

    name: str | None = Field(None, description="what people call it; its id read aloud if missing")
    actor: str
    from_: Day = Field(alias="from", description="the day to which it is known that none has happened")
    hazard: Hazard = Field(description="lambda_T, while active, at full readiness and without restraint")
    readiness: Share
    restraint: Number = Field(description="gamma, weight of what patrons oppose")
    dependence: str | None = Field(None, description="id under dependence: whose patrons restrain")
    active: Share = Field(description="chance that the series is active on that day")
    pauses: Hazard = Field(description="hazard that an active series pauses; 0 per day = constant rate")
    resumes: Hazard = Field(description="hazard that a paused one resumes")


class Patron(Thing):
    """One patron of the dependent actor."""

    actor: str
    share: Share = Field(description="share of exchange on the first day; the shares of all patrons are scaled to 1")
    monitoring: Share = Field(description="m, how closely it watches and ties what it gives to conditions")
    opposition: Share = Field(description="how far it opposes tests")
    alignment: Signed = Field(description="z on the first day")
    usual_alignment: Signed = Field(description="z to which it returns")


class Dependence(Thing):
    """Whom an actor depends on: shares of exchange among patrons, monitoring, alignment. The first patron listed is the first patron."""

    name: str | None = Field(None, description="what people call it; its id read aloud if missing")
    actor: str
    patrons: dict[str, Patron]
    exchange: Money = Field(description="exchange with all patrons a day, before any bargain")
    temperature: Number = Field(description="tau of the logit")
    sensitivity: Number = Field(description="how much monitoring repels")
    forgetting: Duration = Field(description="tau_z")
    warming: Number = Field(description="alignment gained per year of payments as large as all exchange")
    answer_lag: Duration
    monitoring_answer: Signed = Field(description="rise of the first patron's monitoring per unit of share lost")
    support_answer: Signed = Field(description="rise of the first patron's exchange per unit of share lost")
    objection: Number = Field(
        description="0 = the first patron lets bargains be; else cost that it adds to them, in multiples, times its share"
    )


class Member(Thing):
    """One member of the region that arms against the threat."""

    actor: str
    readiness: Number = Field(description="x on the first day; 1 = armament of that day")
    reaction: Hazard = Field(description="k")
    fatigue: Hazard = Field(description="a")
    grievance: Hazard = Field(description="g_0")
    ceiling: Number | None = Field(None, description="readiness near which the budget binds")


class Region(Thing):
    """Readiness of members against a threat: a Richardson pair a member."""

    of: str = Field(description="the actor that is the threat")
    members: dict[str, Member]
    threat: Number = Field(description="y on the first day")
    reaction: Hazard = Field(description="l, to the mean readiness of the members")
    fatigue: Hazard = Field(description="b")
    grievance: Hazard = Field(description="h, without events")
    per_milestone: Hazard = Field(description="g_1, added per milestone reached")
    per_test: Hazard = Field(description="added per test")
    per_alignment: Hazard = Field(description="g_2, added per unit of alignment above its first value")
    dependence: str | None = Field(None, description="id under dependence")
    patron: str | None = Field(None, description="the patron, among those, whose alignment alarms")
    cooperation: Share = Field(description="share by which joint effort spares each member's own")


class Event(Thing):
    """A dated fact of the record."""

    on: Day
    what: str = Field(pattern="^(visit|recognition|vote|launch|test|statement|denial|agreement|trade|decision)$")
    says: str
    who: tuple[str, ...]
    aligns: str | None = Field(None, description="dependence.patron whose alignment it moves")
    jump: Signed | None = Field(None, description="J, by how much")


class Assertion(BaseModel):
    """One assertion of the text under examination: what it says, in our words, and what is done with it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    says: str
    voice: str
    force: str = Field(pattern="^(is|would|would if|could|expected|motive|rhetorical)$")
    kind: tuple[str, ...] = Field(description="modelled, recorded, history, background, opinion")
    finding: str | None = Field(None, pattern="^(agrees|disagrees|disputed|not found)$", description="of the record; for recorded ones")
    record: str | None = Field(None, description="what the record shows; for recorded ones")
    events: tuple[str, ...] = Field((), description="ids under events")
    sources: tuple[str, ...] = Field((), description="ids under sources")
    reason: str | None = Field(None, description="why there is no number; for what is neither modelled nor recorded")
    shows: tuple[str, ...] = Field((), description="measures whose size is printed with it, without a verdict")
    course: str | None = Field(None, description="course of these measures; pact if missing")
    at: str | None = Field(None, description="day of these measures; the last day if missing")
    note: str | None = None
