"""The words of a scenario file: one class a kind of thing, one line a field.

Numbers are read into `Quantity`; everything else is structure. The classes say what may be written; `check.py` says
which things must fit together. What is fought with stands here, what is bargained over in `politics.py`.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from materiel.scenario.evidence import Evidence
from materiel.scenario.kinds import (
    Age,
    Amount,
    Containers,
    Day,
    Drones,
    Duration,
    Flow,
    Hazard,
    Length,
    Number,
    PerContainer,
    PerDrone,
    Share,
    Signed,
    Speed,
    Thing,
    Wander,
)
from materiel.scenario.politics import Assertion, Bargain, CallUp, Coalition, Dependence, Event, Programme, Regime, Region, Talks, Tests
from materiel.scenario.quantity import Kind, Quantity


class Source(BaseModel):
    """One published item."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    speaker: str | None = None
    published: str = Field(description="date of publication, year-month-day")
    url: str | None = None
    reports: tuple[str, ...] = Field((), description="ids of ledger rows that this item carries")
    licence: str | None = None


class Actor(Thing):
    """A party: `a` receives the pact's materiel, `b` opposes the receiver; others have no side."""

    name: str
    side: str | None = Field(None, pattern="^[ab]$")


class Ageing(Thing):
    """How rounds of one family of lots lose function with age: works = works_new * exp(-(storage*age/life)^shape)."""

    works_new: Share
    life: Age
    shape: Number
    storage: Number
    lot_spread: Number = Field(description="sd of the lot effect on the logit")
    accuracy: Share = Field(description="dispersion relative to a new round, 1 = as good")


class Good(Thing):
    """Something that is held, moved and used up."""

    name: str
    unit: str = Field("rounds", pattern="^(rounds|people)$")
    lethality: Number | None = Field(None, description="effect of one round relative to one 152 mm round; only of goods for indirect fire")
    works: Share | None = Field(None, description="share that functions, times accuracy, where age is not modelled")
    ageing: Ageing | None = None
    per_container: PerContainer | None = None


class Stock(Thing):
    """What one actor holds of one good on the first day; the key is actor.good."""

    held: Amount
    mean_age: Age | None = Field(None, description="mean age on the first day, of a good that ages")


class Export(Thing):
    """A line that works harder while an offer is open."""

    offer: str
    utilisation: Share
    lag: Duration


class Line(Thing):
    """Production: capacity grows towards a ceiling; finished rounds leave an Erlang pipeline."""

    actor: str
    makes: dict[str, Number] = Field(description="goods and their weights in the output")
    capacity: Flow
    capacity_on: Day | None = Field(None, description="the day for which capacity is stated; the first day if missing")
    doubling: Duration | None = Field(None, description="doubling time far below the ceiling; no growth if missing")
    headroom: Number | None = Field(None, description="ceiling = capacity * (1 + headroom)")
    utilisation: Share | None = Field(None, description="share of capacity in use; all of it if missing")
    lead_time: Duration
    stages: int = Field(3, ge=1, le=10)
    for_: dict[str, Number] = Field(
        default_factory=dict, alias="for", description="actors who take the output, by weight; the line's own if missing"
    )
    for_export: Export | None = None


class Route(Thing):
    """A way for containers, with a capacity, a transit time and a share that is lost."""

    from_: str = Field(alias="from")
    to: str
    carries: tuple[str, ...]
    capacity: Containers
    transit: Duration
    stages: int = Field(4, ge=1, le=10)
    lost: Share


class Offer(Thing):
    """What a supplier sends while the offer is open, in containers, down to a reserve."""

    from_: str = Field(alias="from")
    to: str
    by: tuple[str, ...] = Field(description="routes, used in proportion to their capacity")
    amount: Containers
    scale: Number = Field(description="1 = as offered, 0 = nothing")
    opens: Day
    closes: Day | None = None
    munition_share: Share = Field(description="share of the containers that holds munitions")
    mix: dict[str, Number] = Field(description="goods and their weights among munition containers")
    reserve: Share = Field(description="share of the first stock that the supplier keeps")


class Step(Thing):
    """From this day on, this rate."""

    from_: Day = Field(alias="from")
    rate: Flow


class Supply(Thing):
    """A declared series of deliveries: from outside the ledger, or from the giver's own stock if it holds the good."""

    from_: str = Field(alias="from")
    to: str
    good: str
    scale: Number = Field(description="1 = as declared, 0 = nothing")
    steps: tuple[Step, ...] = Field(description="in order of date; all steps of a series share one draw")


class Cover(Thing):
    """Fire by cover and plan: a Hill rule on days of cover, and what a staff spreads over its horizon."""

    actor: str
    goods: tuple[str, ...]
    usual: Flow = Field(description="fire that a mission asks for when nobody attacks")
    most: Flow = Field(description="fire that a mission asks for in an offensive")
    half_cover: Duration
    steepness: Number
    horizon: Duration
    smoothing: Duration
    defending: Share | None = Field(
        None, description="where the mission lies between usual and most while only the opponent attacks; at most if missing"
    )


class Steady(Thing):
    """A fixed use, higher while the opponent attacks (anti-tank rockets)."""

    actor: str
    goods: tuple[str, ...]
    usual: Flow
    under_attack: Flow


class Drawdown(Thing):
    """A stock used up over a time (imported rockets)."""

    actor: str
    goods: tuple[str, ...]
    over: Duration


class Fire(BaseModel):
    """The rules by which rounds are used; each id is the name of a use."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    cover: dict[str, Cover] = Field(default_factory=dict)
    steady: dict[str, Steady] = Field(default_factory=dict)
    drawdown: dict[str, Drawdown] = Field(default_factory=dict)


class SideInAttrition(Thing):
    """What belongs to one side in the loss law."""

    actor: str
    troops: str = Field(description="id of the good that stands for people")
    reference_fire: Flow = Field(description="152 mm equivalents a day at which drones keep their stated share")
    drones: Drones = Field(description="used per day on the first day")
    drones_doubling: Duration
    precision: Number = Field(description="multiplies the indirect fire of this side")


class Attrition(Thing):
    """Losses of people, direct and indirect, in normalised form."""

    sides: dict[str, SideInAttrition] = Field(description="keys a and b")
    base_rate: Hazard = Field(description="share of the force lost a day at the references")
    indirect_share: Share
    alpha: Number
    own_strength_direct: Number = Field(description="q_d")
    own_strength_indirect: Number = Field(description="q")
    fire_exponent: Number = Field(description="sigma")
    substitution: Number = Field(description="rho of the CES between shells and drones; 1 = perfect substitutes")
    shells_per_drone: PerDrone
    dug_in: Number
    attacking: Number
    attacker_multiplier: Number
    common_fire: Flow = Field(description="E_0, 152 mm equivalents a day")
    quiet: Share = Field(description="activity when nobody attacks")


class Force(Thing):
    """People of one side: a pool of those who can be had, recruits, training, wastage, wounded who return."""

    actor: str
    troops: str
    recruits: Flow
    response: Number = Field(description="exponent of (first strength / strength) in recruiting")
    most_response: Number = Field(description="recruiting never exceeds this multiple")
    wastage: Hazard
    wounded_per_killed: Number
    returning: Share
    recovery: Duration
    pool: Amount | None = Field(None, description="people who can be had, on the first day; without limit if missing")
    pool_exponent: Number | None = Field(None, description="nu, how recruiting falls with the pool; 1 if missing")
    births: Flow | None = Field(None, description="people a day who join the pool")
    pay: Number | None = Field(None, description="pay over the wage outside, relative to the first day; a lever")
    pay_response: Number | None = Field(None, description="epsilon, elasticity of recruiting to pay; needed with pay")
    loss_aversion: Number | None = Field(None, description="kappa, log of recruiting lost per hundredth of the force lost a day")
    training: Duration | None = Field(None, description="time from recruiting to the front; none if missing")
    training_stages: int = Field(3, ge=1, le=10)
    call_up: CallUp | None = Field(None, description="needs a pool")


class Axis(Thing):
    """One axis: who attacks, how far it can go, and what stands in the way."""

    name: str
    attacker: str = Field(pattern="^[ab]$")
    width: Length
    depth: Length
    prepared_lines: int = Field(3, ge=0, le=12)
    first_line: Length
    spacing: Length
    line_time: Duration = Field(description="days of breach work at a power ratio of 1.5 times the critical one")
    improvised: Share = Field(description="breach time of the lines behind the prepared ones, as a share of line_time")
    terrain: Number = Field(description="multiplies the pace")
    antitank_good: tuple[str, ...] = Field((), description="goods whose functioning stock on the defending side slows exploitation")
    antitank_floor: Amount | None = Field(None, description="anti-tank stock that the defender holds besides")
    imposed_breach: Day | None = Field(None, description="from this day all lines count as broken; a date after the end means never")


class Operation(Thing):
    """An offensive known at the as-of date; it forces the posture, not the advance."""

    side: str = Field(pattern="^[ab]$")
    from_: Day = Field(alias="from")
    to: Day


class Front(Thing):
    """Movement of the front: one power ratio, axes, lines, breach, initiative."""

    axes: dict[str, Axis]
    operations: dict[str, Operation] = Field(default_factory=dict)
    attack_rule: Annotated[Quantity, Kind("switch", ("by_initiative", "operations_only"))] = Field(
        description="by_initiative: sides attack when the index says so; operations_only: only the operations listed"
    )
    balance: Signed = Field(description="z_b, log of the power ratio a to b at the references")
    mass_weight: Number
    fire_weight: Number
    fire_gain: Number
    critical_ratio: Number = Field(description="Pi_c - 1, so that the weaker side never advances")
    sharpness: Number
    pace: Speed = Field(description="v_1, at a ratio of 1.5 times the critical one")
    exploitation: Speed
    local_pace: Share
    wander: Wander
    wander_quiet: Share = Field(description="wander while nobody attacks on the axis, relative to an offensive")
    reference_days: Duration = Field(description="the first days over which each side's effective fire sets its own reference")
    massing_a: Number
    massing_b: Number
    massing_decay: Duration
    massing_recovery: Duration
    strength_loss: Length
    depots_follow: Duration
    repair: Hazard
    breakthrough_hazard: Hazard
    breakthrough_power: Number
    breakthrough_window: Duration
    breakthrough_lasts: Duration
    antitank_effect: Number = Field(description="psi; 0 = rockets do not slow exploitation")
    antitank_half: Amount = Field(description="T_h, rockets")
    initiative_first: Signed
    initiative_lag: Duration
    initiative_on: Number
    initiative_off: Number
    ready: Share = Field(description="share of full massing that an attacker waits for")


class Option(BaseModel):
    """One answer to a structural question, with its weight; `set` patches numbers as a course does."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    weight: Annotated[Quantity, Kind("share")]
    says: str
    set: dict[str, object] = Field(default_factory=dict)


class Alternative(BaseModel):
    """A structural choice on which experts disagree."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    says: str
    chosen_by: str
    note: str | None = None
    options: dict[str, Option]


class Lever(BaseModel):
    """A number that a person may move, and who holds it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    moves: str = Field(description="path of the number")
    low: float
    high: float
    held_by: str


class Claim(BaseModel):
    """A sentence with a test."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    says: str
    asserts: str | None = Field(None, description="id of the assertion that it answers")
    force: str = Field("is", pattern="^(is|would|would if|could|expected)$")
    measure: str
    over: str | None = Field(
        None,
        description="DATE to DATE: the change; 'any quarter of DATE to DATE': the largest over 91 days; 'every quarter of': the smallest",
    )
    at: str | None = Field(None, description="DATE: the level on that day; 'first day' for the first")
    compare: tuple[str, str] | None = Field(None, description="two courses, paired world by world")
    course: str | None = None
    holds_if: str = Field(description="higher by X, lower by X, above X, below X, with a unit; or: at least X times, at most X times")
    threshold_by: str = Field("article", pattern="^(article|ours|observers)$")
    given: str | None = Field(None, description="for 'would if': the claim that measures the condition")
    among: str | None = Field(None, description="the claim that must hold in a world for it to count; its probability stands beside")
    direct: tuple[str, str] | None = Field(
        None, description="two courses in which the answer of others is held: the direct effect, beside the total one"
    )
    beside: tuple[str, ...] = Field((), description="further courses whose effect is printed beside")
    base_rate: str | None = Field(None, description="how often such a thing has happened: a sentence with its numbers and their source")
    note: str | None = None


class Observation(BaseModel):
    """What an observer published about the past of a measure; shown beside the worlds, never weighed here."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    measure: str
    over: str
    as_: str = Field("change", alias="as", pattern="^(change|daily)$", description="change over the window, or its mean per day")
    seen: Annotated[Quantity, Kind("observed")]
    observer: str
    source: str
    note: str | None = None


class Vocabulary(BaseModel):
    """A whole scenario file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    scenario: str
    says: str
    version: str
    authors: tuple[str, ...]
    as_of: str
    begins: str
    ends: str
    step: Duration | None = None
    sources: dict[str, Source] = Field(default_factory=dict)
    actors: dict[str, Actor]
    goods: dict[str, Good]
    stocks: dict[str, Stock] = Field(default_factory=dict)
    production: dict[str, Line] = Field(default_factory=dict)
    routes: dict[str, Route] = Field(default_factory=dict)
    offers: dict[str, Offer] = Field(default_factory=dict)
    supplies: dict[str, Supply] = Field(default_factory=dict)
    fire: Fire = Field(default_factory=Fire)
    attrition: Attrition | None = None
    manpower: dict[str, Force] = Field(default_factory=dict, description="keys a and b")
    front: Front | None = None
    talks: Talks | None = None
    coalition: Coalition | None = None
    bargains: dict[str, Bargain] = Field(default_factory=dict)
    sanctions: dict[str, Regime] = Field(default_factory=dict)
    programmes: dict[str, Programme] = Field(default_factory=dict)
    tests: dict[str, Tests] = Field(default_factory=dict)
    dependence: dict[str, Dependence] = Field(default_factory=dict)
    region: Region | None = None
    events: dict[str, Event] = Field(default_factory=dict)
    assertions: dict[str, Assertion] = Field(default_factory=dict, description="every assertion of the text under examination, by its id")
    evidence: Evidence | None = None
    alternatives: dict[str, Alternative] = Field(default_factory=dict)
    courses: dict[str, dict[str, object]]
    levers: dict[str, Lever] = Field(default_factory=dict)
    claims: dict[str, Claim] = Field(default_factory=dict)
    known_past: dict[str, Observation] = Field(default_factory=dict)
    charts: tuple[str, ...] = Field((), description="measures kept as weekly series")
    chart_courses: tuple[str, ...] = ("pact", "no_pact")
    not_modelled: tuple[str, ...] = ()
