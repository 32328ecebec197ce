"""How somebody asks about a figure or objects to it: a link with all that an office needs. Pure."""

from urllib.parse import quote

from gigacity_api.indicators.definitions import Definition
from gigacity_api.indicators.figures import FigureKey
from gigacity_api.indicators.levels import Level
from gigacity_api.site.public_scope import PublicScope
from gigacity_api.site.times import moment
from gigacity_api.site.words import Words
from gigacity_contract.local_time import rfc3339

LINK = "{link}"
"""In the address of a form: where the permalink is put."""


def permalink(
    scope: PublicScope,
    t: Words,
    key: FigureKey,
    as_of_ms: int,
    versions: tuple[str, int],
) -> str:
    """The address of a figure as it was published.

    Args:
        scope: knows where the pages are.
        t: words, for their language.
        key: of the figure: indicator, level, code.
        as_of_ms: its instant.
        versions: of the city and the method that it was made with.
    """
    indicator, level, code = key
    city, method = versions
    place = f"code={quote(code)}&" if level != Level.CITY else ""
    path = f"{t.language}/figures/{indicator}/at/{rfc3339(as_of_ms)}"
    return f"{scope.page_url}/{path}?{place}city={quote(city)}&method={method}"


def objection(
    scope: PublicScope, t: Words, definition: Definition, *, shown: str, as_of_ms: int, link: str
) -> str:
    """A letter that names the figure, its value, its instant and its permalink, or a form.

    Args:
        scope: whom to ask; nobody, nothing.
        t: words.
        definition: of the figure.
        shown: its value, as the page has it.
        as_of_ms: its instant.
        link: its permalink.
    """
    contact = scope.contact
    if not contact or "://" in contact:
        return contact.replace(LINK, quote(link, safe=""))
    name = t.heading(definition.name)
    subject = t("ask_subject", figure=name, moment=moment(as_of_ms))
    body = t("ask_body", figure=name, value=shown, moment=moment(as_of_ms), link=link)
    return f"mailto:{contact}?subject={quote(subject)}&body={quote(body)}"
