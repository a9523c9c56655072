"""What a person writes: the vocabulary of scenarios, numbers with units and ranges, and reading with messages that help."""

from materiel.scenario.errors import Problem, ScenarioError
from materiel.scenario.explain import explain
from materiel.scenario.measures import measures
from materiel.scenario.new import new
from materiel.scenario.quantity import Quantity
from materiel.scenario.read import load, loads, shipped
from materiel.scenario.scenario import Choice, ChoiceOption, Course, Scenario
from materiel.scenario.schema import json_schema

__all__ = [
    "Choice",
    "ChoiceOption",
    "Course",
    "Problem",
    "Quantity",
    "Scenario",
    "ScenarioError",
    "explain",
    "json_schema",
    "load",
    "loads",
    "measures",
    "new",
    "shipped",
]
