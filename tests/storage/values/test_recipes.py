"""Recipes as a column has them."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from storage.values.recipes import Choice, Recipe, Step

CHOICES = st.builds(Choice, st.integers(1, 10**6), st.floats(0.01, 10))
VALUES: st.SearchStrategy[Any] = st.one_of(
    st.floats(-100, 100),
    st.booleans(),
    st.text(max_size=12),
    st.none(),
    st.lists(CHOICES, max_size=3).map(tuple),
)
STEPS = st.builds(
    Step, st.text(min_size=1, max_size=12), st.dictionaries(st.text(max_size=12), VALUES)
)
RECIPES = st.lists(STEPS, max_size=3).map(lambda steps: Recipe(tuple(steps)))


@given(RECIPES)
def test_a_recipe_comes_back_from_json_as_it_went(recipe: Recipe):
    assert Recipe.from_json(json.loads(json.dumps(recipe.as_json()))) == recipe


@given(RECIPES, st.integers(1, 10**6))
def test_a_style_that_is_dropped_is_chosen_nowhere_and_nothing_else_changes(
    recipe: Recipe, style_id: int
):
    left = recipe.without(style_id)
    assert style_id not in {choice.style_id for choice in left.styles}
    assert left.styles == tuple(c for c in recipe.styles if c.style_id != style_id)
    assert [step.effect for step in left.steps] == [step.effect for step in recipe.steps]
    assert left.without(style_id) == left


def test_a_recipe_is_complete_where_it_says_what_to_do():
    chosen = Step("paint", {"styles": (Choice(1),)})
    assert not Recipe().complete
    assert not Recipe((Step("paint", {"styles": (), "strength": 0.5}),)).complete
    assert Recipe((chosen,)).complete
    assert Recipe((Step("sepia"),)).complete
    assert not Recipe((chosen, Step("paint", {"styles": ()}))).complete
