"""A hindcast through the months of a small war: nothing later is used, and the last month stands where a fresh run would."""

import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from tests.evidence.small import months, row, small

from materiel.evidence import rule
from materiel.evidence.hindcast import _items, hindcast, later_than, origins_of, start, through
from materiel.evidence.posterior import Posterior
from materiel.scenario import ScenarioError, load
from materiel.views import lines
from materiel.worlds import RunError

AS_OF, UNTIL = date(2020, 6, 10), date(2020, 9, 30)


@pytest.fixture(scope="module")
def war(tmp_path_factory):
    return small(tmp_path_factory.mktemp("war"), *months(3), ends="2020-09-30")


@pytest.fixture(scope="module")
def done(war):
    return hindcast(war, AS_OF, UNTIL, priors="authors", particles=256)


def test_days_of_the_forecasts():
    assert origins_of(date(2023, 9, 15), date(2024, 1, 15)) == [
        date(2023, 9, 15), date(2023, 9, 30), date(2023, 10, 31), date(2023, 11, 30), date(2023, 12, 31),
    ]  # fmt: skip
    assert origins_of(date(2023, 9, 30), date(2023, 10, 31)) == [date(2023, 9, 30)]


def test_what_it_says(done, tmp_path):
    assert (done.kind, done.priors, done.later) == ("retrodiction", "authors", 0)
    assert [o.day for o in done.origins] == origins_of(AS_OF, UNTIL)
    assert [o.reports for o in done.origins] == [4, 4, 8, 12]
    assert all(100 < o.effective <= 1024 for o in done.origins)
    assert not done.stopped
    made = {(s.measure, s.scored_against, s.made): s for s in done.series}
    fire = made["fire[a]", "the next statement of the press", "month by month"]
    assert (fire.n, fire.unit, len(fire.pit)) == (3, "log", 3)
    boxes = made["containers[maker_north]", "the next statement of officials of South", "on the first day"]
    assert boxes.skill_persistence is None  # a growing sum beats persistence for nothing
    assert boxes.unit == "log of 1 + what was added"
    assert made["front.area", "the next statement of officials of South", "on the first day"].unit == "km^2"
    assert all(0 <= p <= 1 for s in done.series for p in s.pit)

    plain = json.loads(json.dumps(done.to_json(), allow_nan=False))
    assert {"as_of", "until", "priors", "series"} <= set(plain)
    one = plain["series"][0]
    assert {"measure", "scored_against", "n", "crps", "skill_trend", "skill_persistence", "coverage"} <= set(one)
    assert set(one["coverage"]) == {"50", "80", "90", "95"}
    assert set(one["coverage"]["50"]) == {"hits", "n"}
    assert set(one["skill_trend"]) == {"value", "low", "high"}
    told = "\n".join(lines.hindcast(done))
    assert "Retrodiction of Two invented sides from 2020-06-10 to 2020-09-30, ranges set by people who know how it went" in told
    assert "fire[a]: the next statement of the press, month by month, n 3" in told
    assert "of 3;" in told
    kept = done.save(tmp_path)
    assert json.loads(kept.read_text()) == plain
    assert kept.parent.name == "hindcasts"


def test_once_is_the_first_day_of_the_same(war, done):
    alone = hindcast(war, AS_OF, UNTIL, priors="authors", particles=256, once=True)
    assert alone.origins == done.origins[:1]
    assert alone.series == tuple(s for s in done.series if s.made == "on the first day")


def test_the_last_month_stands_where_a_fresh_run_would(war):
    """Reports taken in month by month leave the same worlds as all at once, within what independent batches differ by."""
    days = origins_of(AS_OF, UNTIL)
    known = {day: _items(war, day) for day in days}
    last = known[days[-1]]
    ids = [i.id for i in last]
    told = []
    for portions in (known, {days[-1]: last}):
        posterior = Posterior(war, last, seed=7)
        *_, (_, clouds, _) = through(posterior, portions, start(posterior, 512))
        columns = [k for k, i in enumerate(posterior.items) if i.id in ids]
        told.append(np.array([np.sign(c.said[:, columns]) * np.log1p(np.abs(c.said[:, columns])) for c in clouds]))
    means, spread = [x.mean(axis=1) for x in told], [x.std(axis=1).mean(axis=0) for x in told]
    error = np.sqrt(sum(m.var(axis=0, ddof=1) / 4 for m in means).mean())  # of the difference of two means of four batches
    off = means[0].mean(axis=0) - means[1].mean(axis=0)
    assert np.abs(off).max() < 5 * error
    assert np.sqrt((off**2).mean()) < 2 * error
    assert np.abs(np.log(spread[0] / spread[1])).max() < 0.25
    prior = start(posterior, 512)
    before = np.concatenate([c.said[:, columns] for c in prior])
    moved = means[0].mean(axis=0) - (np.sign(before) * np.log1p(np.abs(before))).mean(axis=0)
    assert np.abs(moved).max() > 10 * error  # so that the test could fail


def test_nothing_later_is_used(war, tmp_path):
    """Whatever is published later changes no forecast that was made before."""
    cut = [r for r in war.reports if r.published_latest <= date(2020, 7, 31)]
    late = tuple(r for r in war.reports if r.published_latest > date(2020, 7, 31))
    wild = tuple(replace(r, central=(r.central or 0) * 50) for r in late if r.quantity == "fire")
    a, b = (
        hindcast(replace(war, reports=(*cut, *more)), AS_OF, date(2020, 8, 31), priors="authors", particles=128)
        for more in ((*(r for r in late if r.quantity == "fire"),), wild)
    )
    assert a.origins[:-1] == b.origins[:-1]
    one, other = ({(s.measure, s.scored_against): s for s in x.series if s.made == "on the first day"} for x in (a, b))
    assert one["front.area", "the next statement of officials of South"] == other["front.area", "the next statement of officials of South"]
    key = ("fire[a]", "the next statement of the press")
    assert one[key].crps < other[key].crps


@pytest.mark.parametrize(
    ("day", "names"),
    [
        (date(2020, 6, 1), ("bulletin", "half_pact", 'front.operations.spring_push.from rests on "bulletin"')),
        (date(2020, 5, 5), ('course "no_pact" begins on 2020-05-10', 'source "bulletin" was published on 2020-06-08')),
    ],
)
def test_it_refuses_to_start_while_something_is_later(war, day, names):
    with pytest.raises(ScenarioError) as refused:
        hindcast(war, day, UNTIL)
    problems = refused.value.problems
    for name in names:
        assert name in "\n".join(p.message for p in problems)
    assert all(p.line > 1 for p in problems)
    lines_of = war.path.read_text().splitlines()
    for p in problems:
        assert lines_of[p.line - 1].strip()
    assert later_than(war, AS_OF) == []


def test_an_event_that_is_later_is_named(tmp_path):
    talk = "talk: {says: A meeting., what: visit, who: [north, maker], on: 2020-06-05, source: bulletin}"
    edit = (("\nactors:", f"\nevents:\n  {talk}\n\nactors:"),)
    war = small(tmp_path, edit=edit)
    (told,) = [p for p in later_than(war, date(2020, 6, 1)) if 'event "' in p.message]
    assert 'event "talk" is of 2020-06-05' in told.message
    assert "talk" in war.path.read_text().splitlines()[told.line - 1]


def test_a_window_outside_of_the_run_or_without_outcomes(war, tmp_path):
    with pytest.raises(RunError, match="does not lie within the run"):
        hindcast(war, AS_OF, date(2021, 1, 1))
    with pytest.raises(RunError, match="nothing that can be scored"):
        hindcast(small(tmp_path, row("b", "boxes", 300, "2020-06-01", "2020-06-05")), AS_OF, date(2020, 6, 30))


def test_ranges_by_rule_run_too(war, tmp_path):
    folder = small(tmp_path / "w", *months(3), ends="2020-09-30").path.parent
    (folder / rule.NAME).write_text(rule.text(rule.make(load(folder))))
    by_rule = rule.load(folder, AS_OF)
    done = hindcast(by_rule, AS_OF, AS_OF + timedelta(days=60), particles=256)
    assert done.kind == "hindcast"
    assert done.series
