"""Record of a run's answers: operations with their statuses, and rows of the table of deviations.

A run may have several processes; each has its own record, and `as_json` of one can be added to another.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Record:
    answers: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    """(face, operationId, status) to how often it was answered and conformed."""
    problems: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    """The same, for answers that did not conform."""
    deviations: set[str] = field(default_factory=set)
    """Names of the rows that some answer needed."""

    def as_json(self) -> dict[str, Any]:
        return {
            "answers": [[*key, count] for key, count in sorted(self.answers.items())],
            "problems": [[*key, count] for key, count in sorted(self.problems.items())],
            "deviations": sorted(self.deviations),
        }

    def add(self, other: dict[str, Any]) -> None:
        """Add what `as_json` of another record said."""
        for face, operation, status, count in other["answers"]:
            self.answers[face, operation, status] += count
        for face, operation, status, count in other["problems"]:
            self.problems[face, operation, status] += count
        self.deviations.update(other["deviations"])


RECORD = Record()
"""The record of this process."""
