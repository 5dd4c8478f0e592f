"""A page before it has a format: sections of words, tables, pictures and code.

What belongs to one vantage says so: a page of several shows one of them at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from cloudgauge.report.document import Table
from cloudgauge.report.figure import Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a row is about, so that it can be found.

    Attributes:
        anchor: What pictures know it by (`figures.values.region_anchor`); "" for what
            is in none.
        provider: Key of the cloud.
        areas: The parts of the world that its region is in; may be none.
    """

    anchor: str = ""
    provider: str = ""
    areas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTable:
    """A table of a page.

    Attributes:
        caption: What its rows are, one sentence.
        head: Name of the column that names a row.
        subjects: One a row; none where rows are about no region.
        is_landing: Regions of maps lead here.
        vantage: Whose it is; "" for everyone's.
    """

    table: Table
    caption: str
    head: str
    subjects: tuple[Subject, ...] = ()
    is_landing: bool = False
    vantage: str = ""

    def __post_init__(self) -> None:
        names = [column.name for column in self.table.columns]
        if self.head not in names:
            msg = f"{self.table.name}: head must be one of {names}, got {self.head}"
            raise ValueError(msg)
        if self.subjects and len(self.subjects) != len(self.table.rows):
            msg = (
                f"{self.table.name}: want one subject a row, "
                f"{len(self.table.rows)}, got {len(self.subjects)}"
            )
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A figure of a page, or the sentence that stands in its place.

    Attributes:
        table: What is drawn, as numbers; None where a table beside it has them.
        is_map: Its regions lead to rows.
        vantage: Whose it is; "" for everyone's.
    """

    figure: Figure
    table: PageTable | None = None
    is_map: bool = False
    vantage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Paragraphs."""

    lines: tuple[str, ...]
    vantage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Sentences one below the other, each by itself."""

    lines: tuple[str, ...]
    vantage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Names and what they are."""

    pairs: tuple[tuple[str, str], ...]
    vantage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """Text for a machine.

    Attributes:
        label: What it is.
        folded: Shown when it is asked for.
    """

    label: str
    text: str
    folded: bool = False
    vantage: str = ""


Part = Words | Points | Facts | Code | PageTable | Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What answers one question.

    Attributes:
        name: Names it in links; lower case, hyphens.
    """

    name: str
    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything that is told of result sets.

    Attributes:
        title: One line.
        lead: One sentence below it.
        warnings: What nobody may miss, above everything.
        vantages: Of which one is shown at a time, the first one at first; those of
            no part are no choice.
    """

    title: str
    lead: str
    warnings: tuple[str, ...]
    vantages: tuple[str, ...]
    sections: tuple[Section, ...]

    def pictures(self) -> Iterator[Picture]:
        """All pictures, in their order."""
        for section in self.sections:
            for part in section.parts:
                if isinstance(part, Picture):
                    yield part
