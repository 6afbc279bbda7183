"""Every row of the bench, by family."""

from conformance.row import Row
from conformance.rows import answers, callers, health, shapes, tiers

ROWS: tuple[Row, ...] = (*tiers.ROWS, *answers.ROWS, *health.ROWS, *callers.ROWS, *shapes.ROWS)
