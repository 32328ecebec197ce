"""Every problem is in the catalogue, and every error of the domain becomes one of it."""

import ast
from pathlib import Path

import gigacity_api
from gigacity_api import errors
from gigacity_api.http import problem_types
from gigacity_api.http.problem_types import CATALOGUE
from gigacity_api.http.problems import OF_DOMAIN, OF_STATUS
from gigacity_contract.errors import GigacityError

ROOT = Path(gigacity_api.__file__).parent
DOCS = Path(__file__).parents[3] / "docs"


def _calls(name: str) -> dict[str, list[ast.Call]]:
    return {
        str(path.relative_to(ROOT)): found
        for path in ROOT.rglob("*.py")
        if (
            found := [
                node
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == name
            ]
        )
    }


def test_a_kind_of_problem_is_made_in_the_catalogue_alone() -> None:
    assert set(_calls("ProblemType")) == {"http/problem_types.py"}
    assert len(_calls("ProblemType")["http/problem_types.py"]) == len(CATALOGUE)


def test_every_problem_that_is_raised_is_one_of_the_catalogue_and_every_one_is_raised() -> None:
    raised = {
        ast.unparse(call.args[0]).split(".")[-1]
        for calls in _calls("ApiProblem").values()
        for call in calls
    }
    mapped = {kind for kind, _ in OF_DOMAIN.values()} | set(OF_STATUS.values())
    names = _names()
    assert raised <= names | {"kind"}
    assert all(_kind(name) in mapped for name in names - raised)


def test_every_problem_is_documented() -> None:
    page = (DOCS / "problems.md").read_text(encoding="utf-8")
    assert all(f"| `{slug}` |" in page for slug in CATALOGUE)
    assert all(kind.meaning and 400 <= kind.status < 600 for kind in CATALOGUE.values())


def test_every_error_of_the_domain_has_an_answer() -> None:
    own = {
        error
        for error in vars(errors).values()
        if isinstance(error, type)
        and issubclass(error, GigacityError)
        and error.__module__ == errors.__name__
        and not error.__subclasses__()
    }
    assert all(issubclass(error, tuple(OF_DOMAIN)) for error in own)


def test_nothing_but_http_knows_problems() -> None:
    assert all(name.startswith("http/") for name in _calls("ApiProblem"))


def _names() -> set[str]:
    kinds = list(CATALOGUE.values())
    return {name for name, value in vars(problem_types).items() if value in kinds}


def _kind(name: str) -> object:
    return getattr(problem_types, name)
