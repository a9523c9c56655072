"""Routes, offers, supplies, operations, courses: do they join, and do they happen inside the run?"""

from __future__ import annotations

from materiel.scenario.measures import depots
from materiel.scenario.places import Places
from materiel.scenario.quantity import Quantity
from materiel.scenario.scenario import Scenario
from materiel.scenario.text import Node, Page


def check(page: Page, root: Node, scenario: Scenario) -> None:
    """Every check of this file."""
    at = Places(page, root)
    _routes(at, scenario)
    _offers(at, scenario)
    _supplies(at, scenario)
    _operations(at, scenario)
    _choices(at, scenario)
    _courses(at, scenario)


def earliest(q: Quantity) -> float:
    """The first day that a date can be."""
    return q.at(1e-12)


def latest(q: Quantity) -> float:
    """The last day that a date can be."""
    return q.at(1 - 1e-12)


def outside(at: Places, scenario: Scenario, path: str, what: str, q: Quantity) -> None:
    """A date after the end is a problem: it would do nothing."""
    if earliest(q) >= scenario.days:
        at.value(
            path,
            f"{what} {q.text}, after the scenario ends ({scenario.ends}); it would do nothing.",
            'Move it, lengthen "ends", or delete it.',
        )


def _routes(at: Places, scenario: Scenario) -> None:
    for name, route in scenario.vocabulary.routes.items():
        if route.from_ == route.to:
            at.value(f"routes.{name}.to", f'route "{name}" goes from "{route.from_}" to itself.', "Name two actors.")
        if not route.carries:
            at.key(f"routes.{name}.carries", f'route "{name}" carries nothing.', "Write carries: [a good]")


def _offers(at: Places, scenario: Scenario) -> None:
    v = scenario.vocabulary
    held, made = set(v.stocks), {f"{line.actor}.{g}" for line in v.production.values() for g in line.makes}
    for name, offer in v.offers.items():
        path = f"offers.{name}"
        if offer.from_ == offer.to:
            at.value(f"{path}.to", f'offer "{name}" goes from "{offer.from_}" to itself.', "Name two actors.")
        if not offer.by:
            at.key(f"{path}.by", f'offer "{name}" names no route.', "Write by: [a route]")
        if not offer.mix or all(q.exact and q.at(0.5) == 0 for q in offer.mix.values()):
            at.key(f"{path}.mix", f'offer "{name}" holds no goods.', "Add e.g. mix: {shell: 1}")
        for i, by in enumerate(offer.by):
            route = v.routes.get(by)
            if route is None:
                continue
            if (route.from_, route.to) != (offer.from_, offer.to):
                what = f'route "{by}" goes from "{route.from_}" to "{route.to}"; offer "{name}" goes from "{offer.from_}" to "{offer.to}".'
                at.value(f"{path}.by.{i}", what, f"Name a route between them, or mend the ends (line {at.line(f'routes.{by}')}).")
        routes = [v.routes[by] for by in offer.by if by in v.routes]
        for good in offer.mix:
            if good not in v.goods:
                continue
            if routes and not any(good in r.carries for r in routes):
                known = ", ".join(sorted({g for r in routes for g in r.carries}))
                what = f'offer "{name}" holds "{good}", which none of its routes carries.'
                at.key(f"{path}.mix.{good}", what, f"Add it to carries of a route; carried: {known}.")
            if v.goods[good].per_container is None:
                what = f'good "{good}" is shipped by offer "{name}", but has no "per_container".'
                at.key(f"{path}.mix.{good}", what, f"Add to goods.{good}: per_container: 200 to 300 rounds/container")
            if f"{offer.from_}.{good}" not in held | made:
                what = f'offer "{name}" holds "{good}", of which "{offer.from_}" has no stock and makes none.'
                at.key(f"{path}.mix.{good}", what, f"Add the stock {offer.from_}.{good}.")
            elif v.goods[good].ageing and f"{offer.from_}.{good}" not in held:
                what = f'good "{good}" ages, but "{offer.from_}" has no stock of it that says how old it is.'
                at.key(f"{path}.mix.{good}", what, f"Add under stocks: {offer.from_}.{good}: {{held: 0 rounds, mean_age: 1 year}}")
        outside(at, scenario, f"{path}.opens", f'offer "{name}" opens', offer.opens)
        if offer.closes is not None and latest(offer.closes) <= earliest(offer.opens):
            what = f'offer "{name}" closes ({offer.closes.text}) before it opens ({offer.opens.text}).'
            at.value(f"{path}.closes", what, "Swap them, or delete closes.")


def _supplies(at: Places, scenario: Scenario) -> None:
    held = set(depots(scenario.vocabulary))
    for name, supply in scenario.vocabulary.supplies.items():
        path = f"supplies.{name}"
        if supply.from_ == supply.to:
            at.value(f"{path}.to", f'supply "{name}" goes from "{supply.from_}" to itself.', "Name two actors.")
        if not supply.steps:
            at.key(f"{path}.steps", f'supply "{name}" has no steps.', "Add e.g. steps: [{from: 2023-01-01, rate: 10k rounds/month}]")
            continue
        good = scenario.vocabulary.goods.get(supply.good)
        if good and good.ageing and f"{supply.to}.{supply.good}" not in scenario.vocabulary.stocks and f"{supply.to}.{supply.good}" in held:
            what = f'supply "{name}" brings "{supply.good}", which ages, to "{supply.to}", who has no stock of it that says how old it is.'
            at.value(f"{path}.good", what, f"Add under stocks: {supply.to}.{supply.good}: {{held: 0 rounds, mean_age: 1 year}}")
        outside(at, scenario, f"{path}.steps.0.from", f'supply "{name}" starts', supply.steps[0].from_)
        for i, (one, two) in enumerate(zip(supply.steps, supply.steps[1:], strict=False)):
            if earliest(two.from_) <= latest(one.from_):
                what = f'step {i + 2} of supply "{name}" ({two.from_.text}) is not after the step before ({one.from_.text}).'
                at.value(f"{path}.steps.{i + 1}.from", what, "Put the steps in order of date; ranges of dates must not overlap.")


def _operations(at: Places, scenario: Scenario) -> None:
    front = scenario.vocabulary.front
    for name, operation in (front.operations if front else {}).items():
        path = f"front.operations.{name}"
        outside(at, scenario, f"{path}.from", f'operation "{name}" starts', operation.from_)
        if latest(operation.to) <= earliest(operation.from_):
            what = f'operation "{name}" ends ({operation.to.text}) before it starts ({operation.from_.text}).'
            at.value(f"{path}.to", what, "Swap them.")


def _choices(at: Places, scenario: Scenario) -> None:
    patched: dict[str, str] = {}
    for name, choice in scenario.alternatives.items():
        path = f"alternatives.{name}"
        total = sum(o.weight for o in choice.options)
        options = scenario.vocabulary.alternatives[name].options
        for key, option in options.items():
            if not option.weight.exact:
                at.value(f"{path}.options.{key}.weight", "a weight must be one number.", "Write e.g. weight: 60 %")
        if len(choice.options) < 2:
            at.key(
                f"{path}.options",
                f'alternative "{name}" has fewer than two options.',
                "Add another option, or write the numbers into the scenario.",
            )
        elif abs(total - 1) > 1e-6:
            said = " + ".join(o.weight.text for o in options.values())
            at.key(f"{path}.options", f'the weights of alternative "{name}" sum to {100 * total:g} % ({said}).', "Make them sum to 100 %.")
        for number in {p for o in choice.options for p in o.set}:
            if number in patched:
                what = f'alternatives "{patched[number]}" and "{name}" both change "{number}".'
                at.key(path, what, "Let one alternative change it, with an option for each combination.")
            patched[number] = name


def _courses(at: Places, scenario: Scenario) -> None:
    names = scenario.vocabulary.courses
    if "pact" not in names:
        at.key("courses", 'there is no course "pact".', "Add pact: {} for the scenario as it stands.")
    for name, course in scenario.courses.items():
        if not 0 <= course.day < scenario.days:
            when = "before the scenario begins" if course.day < 0 else "after the scenario ends"
            day = scenario.begins if course.day < 0 else scenario.ends
            help = "Write a day inside the run, or delete from if it holds from the first day."
            at.value(f"courses.{name}.from", f'course "{name}" starts {when} ({day}).', help)
