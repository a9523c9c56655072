"""A scenario small enough to be solved by hand: one side, some stocks, and declared series of rounds."""

import textwrap

# 2020 has 366 days: the first is day 0, 1 July is day 182, the last is day 365.
TOY = """
scenario: Series of rounds
says: What arrives, day by day.
version: "1"
authors: [the materiel authors]
as_of: 2020-12-31
begins: 2020-01-01
ends: 2020-12-31

sources:
  yearbook: {title: Invented yearbook, published: 2020-06-01}

actors:
  north: {name: North, side: a}
  giver: {name: Giver}

goods:
  shell: {name: shells}
  dart: {name: rockets}
  mine: {name: mines}
  bomb: {name: bombs}

stocks:
  north.shell: {held: 1_000 rounds}
  north.dart: {held: 1k to 100k rounds}
  north.mine: {held: "uniform(0, 1_000) rounds"}

supplies:
  # 100 a day in the first half of the year, then 300
  gift: {from: giver, to: north, good: shell, scale: 1,
    steps: [{from: 2020-01-01, rate: 100 rounds/day}, {from: 2020-07-01, rate: 300 rounds/day}]}
  loan: {from: giver, to: north, good: bomb, scale: 1, steps: [{from: 2020-01-01, rate: 10 rounds/day}]}
  noisy: {from: giver, to: north, good: bomb, scale: 0.5 to 2, steps: [{from: 2020-01-01, rate: 100 rounds/day}]}

alternatives:
  how_much:
    says: Is the loan paid once or twice?
    chosen_by: the materiel authors
    options:
      once: {weight: 50 %, says: Once.}
      twice: {weight: 50 %, says: Twice., set: {supplies.loan.scale: 2}}

courses:
  pact: {says: As declared.}
  no_pact: {says: No gift from 6 February on., from: 2020-02-06, supplies.gift.scale: 0}
  no_noise: {says: Not the noisy one., from: 2020-02-06, supplies.noisy.scale: 0}
  other_noise: {says: The noisy one as usual., supplies.noisy.scale: 1}

claims:
"""

KNOWN = """
known_past:
  total: {measure: "supplied[gift]", over: 2020-01-01 to 2020-01-31, seen: 3_000 to 3_200 rounds, observer: Yearbook, source: yearbook}
  a_day: {measure: "supplied[gift]", over: 2020-01-01 to 2020-01-31, as: daily,
    seen: 99 to 101 rounds/day, observer: Yearbook, source: yearbook}
  wrong: {measure: "supplied[gift]", over: 2020-01-01 to 2020-01-31, seen: 5_000 to 6_000 rounds, observer: Yearbook, source: yearbook}
  noisy: {measure: "supplied[noisy]", over: 2020-01-01 to 2020-01-31, as: daily,
    seen: 100 to 200 rounds/day, observer: Yearbook, source: yearbook}
"""


def toy(claims: str, known: str = "") -> str:
    """The scenario's text with these claims, each a block of YAML that starts at the left margin."""
    blocks = textwrap.indent(textwrap.dedent(claims).strip(), "  ")
    return f"{TOY.lstrip()}{blocks}\n{known}\ncharts: []\n"
